import type { Authorization } from './credentials.js';
import { unauthenticated } from './errors.js';
import type { Feeds } from './feeds.js';
import type { Upstream } from './upstream.js';

/** What all resolvers work with. */
export interface Inside {
  readonly upstream: Upstream;
  readonly feeds: Feeds;
  readonly queuePerSubscriber: number;
  readonly upstreamTimeoutMs: number;
  readonly log: (message: string) => void;
}

/** Who asks: one HTTP request, or one socket. */
export class Caller {
  constructor(
    readonly gateway: Inside,
    private readonly shown: Authorization | null,
    /** Ends the connection of a subscriber that does not keep up. */
    readonly cutOff: () => void = () => undefined,
  ) {}

  /** @throws UNAUTHENTICATED when there are no credentials */
  authorization = (): Authorization => {
    if (this.shown === null) throw unauthenticated();
    return this.shown;
  };
}
