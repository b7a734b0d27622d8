import { createInbox, type Inbox, type InboxOptions, type Item, type Snapshot } from '@orleans-inbox/client';
import { LitElement, type PropertyValues } from 'lit';
import { askForDesktop, chime, showInIcon, showInTitle, tellDesktop } from './alerts.js';
import { subject } from './safe.js';
import { wordsFor, type Words } from './words.js';

const nothingYet: Snapshot = {
  items: [], counts: { unread: 0, unseen: 0, total: 0, head: null, version: 0 }, status: 'signed-out',
  hasMore: false, loaded: false, loading: false, error: null, pending: 0, filter: {},
};

/** What the bell and the list have in common: an inbox, of their own or given to them, and how it speaks to the person. */
export abstract class InboxElement extends LitElement {
  static override properties = {
    url: {}, token: {}, user: {}, tokenUrl: { attribute: 'token-url' },
    getToken: { attribute: false }, inbox: { attribute: false }, words: { attribute: false },
    lang: { reflect: true }, theme: { reflect: true },
    titleBadge: { type: Boolean, attribute: 'title-badge' }, faviconBadge: { type: Boolean, attribute: 'favicon-badge' },
    sound: { type: Boolean }, desktop: { type: Boolean }, pictures: {},
  };

  /** Where the server is; the page's own origin when it is not given. */
  declare url: string | undefined;
  declare token: string | null | undefined;
  /** Default `me`: whoever the token is for. */
  declare user: string | undefined;
  /** Answers a POST with `{"token":"…"}` for the person who is signed in here. */
  declare tokenUrl: string | undefined;
  declare getToken: InboxOptions['getToken'];
  /** An inbox that the page has opened itself; nothing else is needed then, and it stays the page's to close. */
  declare inbox: Inbox | undefined;
  /** Other words for some of what is said. */
  declare words: Partial<Words> | undefined;
  /** `light`, `dark` or `auto` (as the device has it); the page's own `color-scheme` when it is not given. */
  declare theme: string | undefined;
  declare titleBadge: boolean;
  declare faviconBadge: boolean;
  declare sound: boolean;
  declare desktop: boolean;
  /** `off`: initials only, nothing is loaded from where an avatar is. */
  declare pictures: string | undefined;

  protected store: Inbox | undefined;
  protected snapshot = nothingYet;
  protected text!: Words;
  protected language = 'en';
  /** For those who hear the page. */
  protected announcement = '';
  #said: string[] = [];
  #own: Inbox | undefined;
  #key: unknown[] = [];
  #leave: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate('url');
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // An element that only moves within the page keeps its connection.
    setTimeout(() => { if (!this.isConnected) this.#drop(); });
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.language = this.lang || this.closest<HTMLElement>('[lang]')?.lang || navigator.language;
    this.text = wordsFor(this.language, this.words);
    if (['url', 'token', 'user', 'tokenUrl', 'getToken', 'inbox'].some(name => changed.has(name))) this.#connect();
    this.snapshot = this.store?.getSnapshot() ?? nothingYet;
  }

  protected override updated(_changed: PropertyValues): void {
    const { unseen } = this.snapshot.counts;
    if (this.titleBadge) showInTitle(unseen);
    if (this.faviconBadge && unseen !== this.#iconCount) void showInIcon(this.#iconCount = unseen);
  }
  #iconCount = 0;

  /** Another notification came in while the page was open. */
  protected arrived(item: Item): void {
    this.#said.push(item.title);
    // Many at once are one sentence.
    if (this.#said.length === 1) setTimeout(() => {
      const [title, next] = this.#said;
      this.announcement = next === undefined ? this.text.arrived.replace('{n}', () => title!) : this.text.fresh.replace('{n}', `${this.#said.length}`);
      this.#said = [];
      this.requestUpdate();
    }, 300);
    if (!this.store?.isLeader) return; // one tab speaks for all
    if (this.sound) chime();
    if (this.desktop) tellDesktop(item);
  }

  /** Something was refused and is as it was before. */
  protected refused(): void {}

  /** Browsers want a click before they let a page ask. */
  protected clicked(): void {
    if (this.desktop) askForDesktop();
  }

  #connect(): void {
    // Of a function only whether there is one: many frameworks make a new one at every render. The latest is what is asked.
    const key = [this.url, this.user, this.tokenUrl, !!this.getToken, this.inbox, subject(this.token)];
    if (this.store && key.every((part, at) => part === this.#key[at])) {
      if (this.#own?.getSnapshot().status === 'signed-out') this.#own.reconnect();
      return;
    }
    this.#drop();
    this.#key = key;
    if (this.inbox) this.store = this.inbox;
    else if (this.isConnected && (this.token || this.getToken || this.tokenUrl)) this.store = this.#own = this.#open();
    if (!this.store) return;
    this.#leave = [
      this.store.subscribe(() => this.requestUpdate()),
      this.store.on('added', item => this.arrived(item)),
      this.store.on('error', error => error.action && this.refused()),
    ];
  }

  #open(): Inbox {
    return createInbox({
      url: this.url ?? '',
      ...(this.user && { user: this.user }),
      getToken: refused => this.getToken ? this.getToken(refused) : this.token && this.token !== refused ? this.token : this.tokenUrl ? this.#fetchToken() : null,
      // A mark that was made just before the page is left still gets there.
      fetch: (input, init) => fetch(input, init?.method && init.method !== 'GET' ? { ...init, keepalive: true } : init),
    });
  }

  async #fetchToken(): Promise<string | null> {
    const response = await fetch(this.tokenUrl!, { method: 'POST', credentials: 'same-origin' });
    if (response.status === 401 || response.status === 403) return null;
    if (!response.ok) throw new Error(`${this.tokenUrl}: ${response.status}`);
    return (await response.json() as { token: string }).token;
  }

  #drop(): void {
    for (const leave of this.#leave) leave();
    this.#own?.close();
    this.#leave = [];
    this.#own = this.store = undefined;
    if (this.titleBadge) showInTitle(0);
    if (this.faviconBadge && this.#iconCount) void showInIcon(this.#iconCount = 0);
  }
}
