import { createInbox, type Inbox, type InboxOptions, type Item, type Snapshot } from '@orleans-inbox/client';
import { askForDesktop, chime, showInIcon, showInTitle, tellDesktop } from './alerts.js';
import { Shown } from './base.js';
import { subject } from './safe.js';
import { fill, wordsFor, type Words } from './words.js';

const nothingYet: Snapshot = {
  items: [], counts: { unread: 0, unseen: 0, total: 0, head: null, version: 0 }, status: 'signed-out',
  hasMore: false, loaded: false, loading: false, error: null, pending: 0, filter: {},
};

/** What the bell and the list have in common: an inbox, of their own or given to them, and how it speaks to the person. */
export abstract class InboxElement extends Shown {
  static override attributes: Record<string, boolean> = {
    url: false, token: false, user: false, lang: false, theme: false, pictures: false, 'undo-time': false,
    flat: true, 'title-badge': true, 'favicon-badge': true, sound: true, desktop: true,
  };
  static override properties = ['getToken', 'inbox', 'words'];

  /** Where the server is; the page's own origin when it is not given. */
  declare url: string | undefined;
  declare token: string | null | undefined;
  /** Default `me`: whoever the token is for. */
  declare user: string | undefined;
  declare getToken: InboxOptions['getToken'];
  /** An inbox that the page has opened itself; nothing else is needed then, and it stays the page's to close. */
  declare inbox: Inbox | undefined;
  /** Other words for some of what is said. */
  declare words: Partial<Words> | undefined;
  /** `light` or `dark`; the page's own `color-scheme` when it is not given. */
  declare theme: string | undefined;
  /** `off`: initials only, nothing is loaded from where an avatar is. */
  declare pictures: string | undefined;
  /** How long something can be taken back, in milliseconds; 6000 when it is not given. */
  declare undoTime: string | number | undefined;
  /** Groups are not folded. */
  declare flat: boolean;
  declare titleBadge: boolean;
  declare faviconBadge: boolean;
  declare sound: boolean;
  declare desktop: boolean;

  protected store: Inbox | undefined;
  protected snapshot = nothingYet;
  protected text!: Words;
  protected language!: string;
  /** For those who hear the page. */
  protected announcement = '';
  #said: string[] = [];
  #own: Inbox | undefined;
  #key: unknown[] = [];
  #leave: (() => void)[] = [];
  #iconCount = 0;

  disconnectedCallback(): void {
    // An element that only moves within the page keeps its connection.
    setTimeout(() => { if (!this.isConnected) this.#drop(); });
  }

  protected override prepare(): void {
    this.language = this.lang || this.closest<HTMLElement>('[lang]')?.lang || navigator.language;
    this.text = wordsFor(this.language, this.words);
    this.#connect();
    this.snapshot = this.store?.getSnapshot() ?? nothingYet;
  }

  protected override settle(): void {
    this.#badges(this.snapshot.counts.unseen);
  }

  #badges(count: number): void {
    if (this.titleBadge) showInTitle(count);
    if (this.faviconBadge && count !== this.#iconCount) void showInIcon(this.#iconCount = count);
  }

  /** Another notification came in while the page was open. */
  protected arrived(item: Item): void {
    this.#said.push(item.title);
    // Many at once are one sentence.
    if (this.#said.length === 1) setTimeout(() => {
      const { length } = this.#said;
      this.announcement = length > 1 ? fill(this.text.fresh, length) : fill(this.text.arrived, this.#said[0]!);
      this.#said = [];
      this.changed();
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
    const key = [this.url, this.user, !!(this.token || this.getToken), this.inbox, subject(this.token)];
    if (key.every((part, at) => part === this.#key[at])) {
      if (this.token !== this.#token && this.snapshot.status === 'signed-out') this.#own?.reconnect();
      this.#token = this.token;
      return;
    }
    this.#drop();
    this.#key = key;
    this.#token = this.token;
    this.store = this.inbox ?? (this.token || this.getToken ? this.#own = this.#open() : undefined);
    if (this.store) this.#leave = [
      this.store.subscribe(this.changed),
      this.store.on('added', item => this.arrived(item)),
      this.store.on('error', error => error.action && this.refused()),
    ];
  }
  #token: string | null | undefined;

  #open(): Inbox {
    return createInbox({
      url: this.url ?? '',
      ...(this.user && { user: this.user }),
      getToken: refused => this.getToken ? this.getToken(refused) : this.token !== refused ? this.token : null,
      // A mark that was made just before the page is left still gets there.
      fetch: (input, init) => fetch(input, { ...init, keepalive: /POST|PATCH|DELETE/.test(init?.method ?? '') }),
    });
  }

  #drop(): void {
    for (const leave of this.#leave) leave();
    this.#own?.close();
    this.#leave = this.#key = [];
    this.#own = this.store = undefined;
    this.#badges(0);
  }
}
