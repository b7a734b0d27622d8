import type { Authorization } from './credentials.js';
import { unauthenticated } from './errors.js';
import type { Feeds } from './feeds.js';
import type { Upstream } from './upstream.js';
import type { UserLimit } from './userLimit.js';

/** What all resolvers share. */
export interface GatewayContext {
  readonly upstream: Upstream;
  readonly feeds: Feeds;
  /** Open sockets of each user. */
  readonly sockets: UserLimit;
  /** Running subscriptions of each user, over sockets and event streams. */
  readonly subscriptions: UserLimit;
  readonly queuePerSubscriber: number;
  readonly upstreamTimeoutMs: number;
  readonly log: (message: string) => void;
}

/** The caller of an operation: one HTTP request, or one socket. */
export class Caller {
  constructor(
    readonly gateway: GatewayContext,
    private readonly credentials: Authorization | null,
    /** Closes the connection of a subscriber that reads too slowly. */
    readonly cutOff: () => void = () => undefined,
  ) {}

  /** @throws UNAUTHENTICATED when there are no credentials */
  authorization = (): Authorization => {
    if (this.credentials === null) throw unauthenticated();
    return this.credentials;
  };
}
