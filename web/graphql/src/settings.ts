/** What the gateway is told by its environment. */
export interface Settings {
  /** Where the inbox's HTTP API is, without a trailing slash. */
  readonly inboxUrl: string;
  readonly host: string;
  readonly port: number;
  /** No introspection, no GraphiQL, no hints at field names in errors. */
  readonly production: boolean;
  /** Events that may wait for one subscriber; one that falls further behind is cut off, and resumes. */
  readonly queuePerSubscriber: number;
  /** How long the API may take to answer. */
  readonly upstreamTimeoutMs: number;
  /** How long an upstream stream may say nothing, not even a heartbeat (which comes every 15 s). */
  readonly upstreamSilenceMs: number;
  /** How long a socket may take to say connection_init; then it is closed with 4408. */
  readonly connectionInitTimeoutMs: number;
  /** Operations that may be under way on one socket. */
  readonly operationsPerSocket: number;
  /** The largest request, and the largest message of a socket. */
  readonly maxRequestBytes: number;
  readonly maxDepth: number;
  readonly maxCost: number;
  readonly maxTokens: number;
}

/** @throws with everything that is wrong, one line each. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const violations: string[] = [];

  function number(name: string, otherwise: number, min: number, max: number): number {
    const text = env[name];
    if (text === undefined || text === '') return otherwise;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    violations.push(`${name} has to be a whole number from ${min} to ${max}.`);
    return otherwise;
  }

  const settings: Settings = {
    inboxUrl: url(env['INBOX_URL'], violations),
    host: env['HOST'] || '127.0.0.1',
    port: number('PORT', 4000, 0, 65_535),
    production: env['NODE_ENV'] === 'production',
    queuePerSubscriber: number('QUEUE_PER_SUBSCRIBER', 256, 1, 100_000),
    upstreamTimeoutMs: number('UPSTREAM_TIMEOUT_MS', 10_000, 100, 120_000),
    upstreamSilenceMs: number('UPSTREAM_SILENCE_MS', 45_000, 1_000, 600_000),
    connectionInitTimeoutMs: number('CONNECTION_INIT_TIMEOUT_MS', 3_000, 100, 60_000),
    operationsPerSocket: number('OPERATIONS_PER_SOCKET', 32, 1, 10_000),
    maxRequestBytes: number('MAX_REQUEST_BYTES', 131_072, 1_024, 10_485_760),
    maxDepth: number('MAX_DEPTH', 8, 1, 100),
    maxCost: number('MAX_COST', 5_000, 10, 1_000_000),
    maxTokens: number('MAX_TOKENS', 1_000, 10, 100_000),
  };
  if (violations.length > 0) throw new Error(`The settings are not valid:\n${violations.map((line) => `  - ${line}`).join('\n')}`);
  return settings;
}

function url(text: string | undefined, violations: string[]): string {
  if (text && URL.canParse(text)) {
    const { protocol, search, hash, username } = new URL(text);
    if ((protocol === 'http:' || protocol === 'https:') && !search && !hash && !username) return text.replace(/\/+$/, '');
  }
  violations.push('INBOX_URL has to be the http(s) URL of the inbox, like http://127.0.0.1:8080, without credentials, query or fragment.');
  return '';
}
