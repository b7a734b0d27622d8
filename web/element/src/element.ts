import { createInbox, whose, type Inbox, type InboxOptions, type Item, type Snapshot } from '@orleans-inbox/client';
import { askForDesktop, chime, showInIcon, showInTitle, tellDesktop } from './alerts.js';
import { flag, own, Shown, text, type Kept } from './base.js';
import { leadsAway, safeLink } from './safe.js';
import { listen, silence, speak } from './speaking.js';
import { fill, languageOf, wordsFor, type Text, type Words } from './words.js';

const nothingYet: Snapshot = {
  items: [], counts: { unread: 0, unseen: 0, total: 0, head: null, version: 0 }, status: 'signed-out',
  hasMore: false, loaded: false, loading: false, error: null, pending: 0, filter: {},
};

/** What the bell and the list have in common: an inbox, of their own or given to them, and how it speaks to the person. */
export abstract class InboxElement extends Shown {
  static override properties: Record<string, Kept> = {
    url: text, token: text, user: text, lang: text, theme: text, getToken: own, inbox: own, words: own,
  };
  /** With those of whoever shows notifications. */
  static _listing: Record<string, Kept> = {
    ...InboxElement.properties, pictures: text, 'undo-time': text,
    flat: flag, 'title-badge': flag, 'favicon-badge': flag, sound: flag, desktop: flag, 'no-search': flag,
  };

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
  /** There is no search. */
  declare noSearch: boolean;

  /** The inbox that is shown. */
  store: Inbox | undefined;
  _snapshot = nothingYet;
  _text!: Text;
  _language!: string;
  /** For those who hear the page. */
  _announcement = '';
  #said: string[] = [];
  /** Of the desktop, with what they are about. */
  #notices: [Notification, string[]][] = [];
  #leaving = (): void => this.#closeNotices(() => false);
  #own: Inbox | undefined;
  #key: unknown[] = [];
  #token: string | null | undefined;
  #leave: (() => void)[] = [];
  #iconCount = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    listen();
    addEventListener('pagehide', this.#leaving);
  }

  disconnectedCallback(): void {
    removeEventListener('pagehide', this.#leaving);
    // An element that only moves within the page keeps its connection.
    setTimeout(() => { if (!this.isConnected) this.#drop(); });
  }

  override _prepare(): void {
    this._language = languageOf(this.lang || this.closest<HTMLElement>('[lang]')?.lang || navigator.language);
    this._text = wordsFor(this._language, this.words);
    this.#connect();
    this._snapshot = this.store?.getSnapshot() ?? nothingYet;
  }

  override _settle(): void {
    this.#badges(this._snapshot.counts.unseen);
    this.#closeNotices(id => this._snapshot.items.some(item => item.id === id && !item.read && !item.archived));
  }

  #badges(count: number): void {
    if (this.titleBadge) showInTitle(count);
    if (this.faviconBadge && count !== this.#iconCount) void showInIcon(this.#iconCount = count);
  }

  /** What a person may be told of: one that came in, or all that came while there was no connection. */
  #arrived(items: readonly Item[]): void {
    // Many at once are one sentence.
    if (!this.#said.length) setTimeout(() => {
      const { length } = this.#said;
      this._announcement = length > 1 ? fill(this._text.fresh, length) : fill(this._text.arrived, this.#said[0]!);
      this.#said = [];
      this._changed();
    }, 300);
    this.#said.push(...items.map(({ title }) => title));
    const loud = items.filter(({ silent }) => !silent), { id } = loud[0] ?? {}, hasFocus = document.hasFocus();
    if (!id) return; // quiet hours
    const tell = (way: string, isSilent: boolean, wants: boolean, say: () => void) => isSilent ? silence(way + id) : wants && speak(way + id, say);
    tell('sound', hasFocus && this._isLookedAt(), this.sound, chime);
    tell('desktop', hasFocus, this.desktop, () => {
      const notice = tellDesktop(loud, fill(this._text.fresh, loud.length), () => this.#noticeClicked(loud));
      if (notice) this.#notices.push([notice, loud.map(item => item.id)]);
    });
  }

  #noticeClicked([item, another]: readonly Item[]): void {
    if (another) return;
    this._follow(item!);
    void this.store?.markRead(item!.id);
  }

  /** Closes the desktop's notices of what is no longer unread here. */
  #closeNotices(unread: (id: string) => boolean): void {
    this.#notices = this.#notices.filter(([notice, ids]) => ids.some(unread) || notice.close());
  }

  /** Opens its link where it belongs, unless the page does. A tab that is opened so knows nothing of this one. */
  _follow(item: Item): void {
    const link = safeLink(item.url);
    if (this._opens(item) && link) leadsAway(link) ? open(link, '_blank', 'noreferrer') : open(link, '_self');
  }

  /** False when the page opens it itself. */
  _opens(item: Item): boolean {
    return this.dispatchEvent(new CustomEvent('inbox-open', { detail: item, bubbles: true, composed: true, cancelable: true }));
  }

  /** Whether what arrives is seen by whoever looks at the page. */
  _isLookedAt(): boolean { return false; }

  /** A notification came in. */
  _added(_item: Item): void {}

  /** Something was refused and is as it was before, or there is nothing to take back. @param _isLate something else was chosen before */
  _refused(_isLate?: boolean): void {}

  /** Browsers want a click before they let a page ask. */
  _clicked(): void {
    if (this.desktop) askForDesktop();
  }

  #connect(): void {
    const { url, user, token, getToken, inbox } = this;
    // Of a function only whether there is one: many frameworks make a new one at every render. The latest is what is asked.
    const isSignedIn = !!(token || getToken);
    const key = [url, user, isSignedIn, inbox, token && (whose(token) ?? token)];
    if (key.every((part, at) => part === this.#key[at])) {
      if (token !== this.#token && this._snapshot.status === 'signed-out') this.#own?.reconnect();
    } else {
      this.#drop();
      this.#key = key;
      const store = this.store = inbox ?? (isSignedIn ? this.#own = this.#open() : undefined);
      if (store) this.#leave = [
        store.subscribe(this._changed),
        store.on('added', item => this._added(item)),
        store.on('arrived', items => this.#arrived(items)),
        store.on('error', error => error.action && this._refused(error.action === 'act' && error.status === 409)),
      ];
    }
    this.#token = token;
  }

  #open(): Inbox {
    return createInbox({
      url: this.url ?? '',
      ...(this.user && { user: this.user }),
      getToken: refused => this.getToken ? this.getToken(refused) : this.token !== refused ? this.token : null,
    });
  }

  #drop(): void {
    for (const leave of this.#leave) leave();
    this.#own?.close();
    this.#leave = this.#key = [];
    this.#own = this.store = undefined;
    this.#badges(0);
    this.#leaving();
  }
}
