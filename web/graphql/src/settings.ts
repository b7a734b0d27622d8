/** The gateway's settings, read from environment variables. */
export interface Settings {
  /** Base URL of the inbox's HTTP API, without a trailing slash. */
  readonly inboxUrl: string;
  readonly host: string;
  readonly port: number;
  /** Disables introspection, GraphiQL and field name suggestions in errors. */
  readonly production: boolean;
  /** Events queued for one subscriber; when more wait, its connection is closed, and it can resume. */
  readonly queuePerSubscriber: number;
  /** Deadline of a request to the API. */
  readonly upstreamTimeoutMs: number;
  /** An upstream stream without data for this long counts as broken; the inbox sends a heartbeat every 15 s. */
  readonly upstreamSilenceMs: number;
  /** A socket without connection_init for this long is closed with 4408. */
  readonly connectionInitTimeoutMs: number;
  /** Concurrent operations on one socket; one more gets a RATE_LIMITED error. */
  readonly operationsPerSocket: number;
  /** Open sockets of one user in this gateway; one more is closed with 1013. */
  readonly socketsPerUser: number;
  /** Running subscriptions of one user in this gateway, over all sockets and event streams; one more gets a RATE_LIMITED error. */
  readonly subscriptionsPerUser: number;
  /** Largest HTTP request body (413 above it) and largest socket message. */
  readonly maxRequestBytes: number;
  readonly maxDepth: number;
  readonly maxCost: number;
  readonly maxTokens: number;
}

/** @throws an error that lists all violations, one per line. */
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
    socketsPerUser: number('SOCKETS_PER_USER', 64, 1, 100_000),
    subscriptionsPerUser: number('SUBSCRIPTIONS_PER_USER', 256, 1, 1_000_000),
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
