import { unauthenticated } from './errors.js';

/** The value of an `Authorization` header. It is forwarded to the inbox, and never logged or stored. */
export type Authorization = string;

const schemes = /^(bearer|apikey) +\S+$/i;

export function readAuthorization(value: unknown): Authorization | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || !schemes.test(value)) throw unauthenticated('The credentials have to be a text like "Bearer …".');
  return value;
}

/** `authorization` of a connection_init payload, in either spelling. */
export function fromPayload(payload: Record<string, unknown> | undefined): Authorization | null {
  return readAuthorization(payload?.['authorization'] ?? payload?.['Authorization']);
}

export interface Subject {
  /** Identifies the user: equal for all of the user's tokens. */
  readonly key: string;
  /** The token's `exp`, in Unix ms; null when it has none that can be read. */
  readonly expiresAt: number | null;
}

/**
 * Decodes a token's claims without verifying them, as the gateway has no keys: call this only after the inbox has accepted the token.
 * A token without a `sub` is its own key, so its stream is shared only by subscribers with the same token.
 */
export function subjectOf(authorization: Authorization): Subject {
  const token = authorization.slice(authorization.indexOf(' ')).trim();
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
    const { sub, tenant, exp } = claims;
    const isUser = typeof sub === 'string' && (tenant === undefined || typeof tenant === 'string');
    return { key: isUser ? JSON.stringify([tenant ?? null, sub]) : authorization, expiresAt: typeof exp === 'number' ? exp * 1000 : null };
  } catch {
    // an opaque token
  }
  return { key: authorization, expiresAt: null };
}
