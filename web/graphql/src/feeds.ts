import { Feed, type Subscriber } from './feed.js';
import type { Upstream } from './upstream.js';

/** Open feeds by user. A feed opens with the user's first subscriber and closes with the last. */
export class Feeds {
  private readonly open = new Map<string, Feed>();

  constructor(
    private readonly upstream: Upstream,
    private readonly log: (message: string) => void,
  ) {}

  /** @param user `Subject.key` of credentials that the inbox has accepted */
  join(user: string, subscriber: Subscriber): Feed {
    let feed = this.open.get(user);
    if (!feed) {
      feed = new Feed(this.upstream, (empty) => { if (this.open.get(user) === empty) this.open.delete(user); }, this.log);
      this.open.set(user, feed);
    }
    feed.attach(subscriber);
    return feed;
  }

  /** Ends all subscriptions with this failure. */
  endAll(failure: unknown): void {
    for (const feed of [...this.open.values()]) feed.endAll(failure);
  }
}
