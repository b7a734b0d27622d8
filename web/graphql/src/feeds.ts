import { Feed, type Subscriber } from './feed.js';
import type { Upstream } from './upstream.js';

/** The streams that are open, by user. A user's stream opens with the first subscriber and ends with the last. */
export class Feeds {
  private readonly open = new Map<string, Feed>();

  constructor(
    private readonly upstream: Upstream,
    private readonly log: (message: string) => void,
  ) {}

  /** @param user the key of a subject whose credentials the inbox has accepted */
  join(user: string, subscriber: Subscriber): Feed {
    let feed = this.open.get(user);
    if (!feed) {
      feed = new Feed(this.upstream, (emptied) => { if (this.open.get(user) === emptied) this.open.delete(user); }, this.log);
      this.open.set(user, feed);
    }
    feed.attach(subscriber);
    return feed;
  }
}
