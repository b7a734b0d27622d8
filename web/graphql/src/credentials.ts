import { unauthenticated } from './errors.js';

/** Somebody's `Authorization`, as it was shown. It is passed on, and never written anywhere. */
export type Authorization = string;

const schemes = /^(bearer|apikey) +\S+$/i;

export function readAuthorization(shown: unknown): Authorization | null {
  if (shown === undefined || shown === null || shown === '') return null;
  if (typeof shown !== 'string' || !schemes.test(shown)) throw unauthenticated('The credentials have to be a text like "Bearer …".');
  return shown;
}

/** `authorization` of a connection_init payload, in whichever case a client writes it. */
export function fromPayload(payload: Record<string, unknown> | undefined): Authorization | null {
  return readAuthorization(payload?.['authorization'] ?? payload?.['Authorization']);
}

export interface Subject {
  /** The same for all tokens of one user. */
  readonly key: string;
  /** When the token ends, in Unix ms. */
  readonly expiresAt: number | null;
}

/**
 * Whose token this is. Only to be asked about a token that the inbox has accepted: nothing is verified here, as the gateway has no keys.
 * A token that cannot be read is its own user: it shares its stream with nobody.
 */
export function subjectOf(authorization: Authorization): Subject {
  const token = authorization.slice(authorization.indexOf(' ')).trim();
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
    const { sub, tenant, exp } = claims;
    if (typeof sub === 'string' && (tenant === undefined || typeof tenant === 'string'))
      return { key: JSON.stringify([tenant ?? null, sub]), expiresAt: typeof exp === 'number' ? exp * 1000 : null };
  } catch {
    // an opaque token
  }
  return { key: authorization, expiresAt: null };
}
