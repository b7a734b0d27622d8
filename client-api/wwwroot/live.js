// One live connection. The browser reconnects by itself while it may; a refused connection is opened anew, with a new token, ever slower.
const slowest = 15_000;

export class Live {
  #caller;
  #path;
  #handlers;
  #source;
  #timer;
  #failures = 0;
  #lastId;

  /** @param handlers state(name, words), and one per event: ready, added, marked, removed, reset */
  constructor(caller, path, handlers) {
    this.#caller = caller;
    this.#path = path;
    this.#handlers = handlers;
    this.#open();
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
    this.#handlers = undefined;
  }

  async #open() {
    try {
      const query = new URLSearchParams({ access_token: await this.#caller.token(this.#failures > 0) });
      if (this.#lastId) query.set('lastEventId', this.#lastId);
      if (!this.#handlers) return;
      this.#listen(new EventSource(`${this.#path}?${query}`));
    } catch {
      this.#retry();
    }
  }

  #listen(source) {
    this.#source = source;
    for (const name of ['ready', 'added', 'marked', 'removed', 'reset']) {
      source.addEventListener(name, event => {
        if (event.lastEventId) this.#lastId = event.lastEventId;
        if (name === 'reset') this.#lastId = undefined;
        if (name === 'ready') {
          this.#failures = 0;
          this.#handlers?.state('live', 'live');
        }
        this.#handlers?.[name](JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) this.#retry();
      else this.#handlers?.state('connecting', 'reconnecting …');
    };
  }

  #retry() {
    if (!this.#handlers) return;
    this.#source?.close();
    const wait = Math.min(slowest, 500 * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
    this.#handlers.state('offline', 'offline, trying again …');
    this.#timer = setTimeout(() => this.#open(), wait);
  }
}
