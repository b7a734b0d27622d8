import { GraphQLError } from 'graphql';

export type ErrorCode = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'GONE' | 'PRECONDITION_FAILED' | 'BAD_USER_INPUT' | 'RATE_LIMITED' | 'UNAVAILABLE' | 'RELOAD';

/** An error for callers: a message and a code, no internals. */
export function problem(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

export const unauthenticated = (message = 'A bearer token is needed.') => problem('UNAUTHENTICATED', message);

/** @param retryAfter seconds */
export const unavailable = (message = 'The inbox is not available; try again later.', retryAfter = 2) => problem('UNAVAILABLE', message, { retryAfter });

/** @param retryAfter seconds */
export const rateLimited = (message: string, retryAfter: number) => problem('RATE_LIMITED', message, { retryAfter });

/** Ends a subscription whose missed events cannot be replayed. */
export const reload = () => problem('RELOAD', 'Missed events cannot be replayed: load the inbox again, and subscribe from its cursor.');

export function codeOf(failure: unknown): unknown {
  return failure instanceof GraphQLError ? failure.extensions['code'] : undefined;
}

/** Of a CONFLICT: the notification that it is about, if it is about one. */
export function conflictingId(failure: unknown): string | undefined {
  return codeOf(failure) === 'CONFLICT' ? ((failure as GraphQLError).extensions['id'] as string | undefined) : undefined;
}

/** The code of an error upon which a subscriber should connect again: with a new token, or when the inbox is back. */
export function reconnectCodeOf({ errors }: { readonly errors?: readonly GraphQLError[] | undefined }): 'UNAUTHENTICATED' | 'UNAVAILABLE' | undefined {
  for (const code of errors?.map(codeOf) ?? []) if (code === 'UNAUTHENTICATED' || code === 'UNAVAILABLE') return code;
  return undefined;
}

export function retryAfterOf(failure: unknown): number | undefined {
  const seconds = failure instanceof GraphQLError ? failure.extensions['retryAfter'] : undefined;
  return typeof seconds === 'number' ? seconds : undefined;
}

/** The code that an error response of this status gets from `fromResponse`. */
export function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 400: case 413: case 422: return 'BAD_USER_INPUT';
    case 401: return 'UNAUTHENTICATED';
    case 403: return 'FORBIDDEN';
    case 404: return 'NOT_FOUND';
    case 409: return 'CONFLICT';
    case 410: return 'GONE';
    case 412: return 'PRECONDITION_FAILED';
    case 429: return 'RATE_LIMITED';
    default: return 'UNAVAILABLE';
  }
}

/** Maps an error response of the API (RFC 9457) to a GraphQL error. */
export async function fromResponse(response: Response): Promise<GraphQLError> {
  const body = await readProblem(response);
  const retryAfter = secondsOf(response.headers.get('retry-after')) ?? 2;
  const detail = typeof body['detail'] === 'string' ? body['detail'] : undefined;
  switch (response.status) {
    case 400: return problem('BAD_USER_INPUT', detail ?? 'The request is not valid.', { errors: body['errors'] ?? {} });
    case 413: return problem('BAD_USER_INPUT', detail ?? 'The request is too large.', { errors: { $: ['Is too large.'] } });
    case 401: return unauthenticated(detail);
    case 403: return problem('FORBIDDEN', detail ?? 'This is not yours.');
    case 404: return problem('NOT_FOUND', detail ?? 'There is nothing here.');
    // `id` is of the notification that it is about.
    case 409: return problem('CONFLICT', detail ?? 'It cannot be done any more, or not now.', typeof body['id'] === 'string' ? { id: body['id'] } : {});
    case 410: return problem('GONE', detail ?? 'It is too late for that.');
    case 412: return problem('PRECONDITION_FAILED', detail ?? 'It was changed meanwhile.');
    case 422: return problem('BAD_USER_INPUT', detail ?? 'The request is not valid.', { errors: { idempotencyKey: ['Was used for another notification.'] } });
    case 429: return rateLimited(detail ?? 'Too many requests.', retryAfter);
    case 503: return unavailable(detail, retryAfter);
    default: return unavailable(undefined, retryAfter);
  }
}

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return seconds >= 0 ? seconds : undefined;
}

async function readProblem(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // not JSON, such as a proxy's page: the status is enough
  }
}
