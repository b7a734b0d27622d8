// One user's inbox: a list that a live connection keeps true.
import { Caller, inboxPath } from './api.js';
import { ago, paintAvatar, renderItem, showFlags } from './item.js';
import { Live } from './live.js';

const pageSize = 20;
const emptyWords = {
  inbox: ['Nothing here yet', 'What is published to this user appears here at once.'],
  unread: ['All read', 'New ones appear here at once.'],
  archived: ['Nothing archived', 'Archived notifications leave the inbox and stay here.'],
};

export class Pane {
  #root;
  #report;
  #items = []; // { item, row }, newest first, as the server lists them
  #status = 'inbox';
  #next = null;
  #counts = { unread: 0, unseen: 0, total: 0, head: null, version: -1 };
  #loading; // events that came while the list was on its way; undefined when it is not
  #generation = 0; // an answer for a user or filter that was left meanwhile is dropped
  #onScreen = false;

  constructor(root, user, { report, onUser }) {
    this.#root = root;
    this.#report = report;
    const userInput = this.#find('.who input');
    this.#find('.who').addEventListener('submit', event => { event.preventDefault(); userInput.blur(); });
    userInput.addEventListener('change', () => userInput.reportValidity() && (this.show(userInput.value), onUser()));
    for (const button of root.querySelectorAll('[data-status]'))
      button.addEventListener('click', () => this.#filter(button.dataset.status));
    this.#find('.all-read').addEventListener('click', () => this.#mark('read', { all: true }));
    this.#find('.more').addEventListener('click', () => this.#loadMore());
    this.#find('.empty button').addEventListener('click', () => this.#reload());
    new IntersectionObserver(([entry]) => entry.isIntersecting && this.#loadMore(), { root: this.#find('.scroll'), rootMargin: '300px' }).observe(this.#find('.more'));
    new IntersectionObserver(([entry]) => { this.#onScreen = entry.isIntersecting; this.#lookSoon(); }, { threshold: 0.25 }).observe(root);
    document.addEventListener('visibilitychange', () => this.#lookSoon());
    setInterval(() => root.querySelectorAll('time').forEach(time => { time.textContent = ago(time.dateTime); }), 30_000);
    this.show(user);
  }

  show(user) {
    this.live?.close();
    this.user = user;
    this.#find('.who input').value = user;
    this.#root.setAttribute('aria-label', `Inbox of ${user}`);
    this.#find('.scroll').setAttribute('aria-label', `Notifications of ${user}`);
    paintAvatar(this.#find('.avatar'), user);
    this.caller = new Caller({ user });
    this.path = inboxPath('me');
    this.#clear();
    this.#state('connecting', 'connecting …');
    this.live = new Live(this.caller, `${this.path}/stream`, {
      state: (name, words) => this.#state(name, words),
      // Marks that changed while the connection was away are not replayed: the list is read anew.
      ready: data => { this.#counts = data.counts; this.#showCounts(); this.#reload(); },
      added: data => this.#handle({ kind: 'added', ...data }),
      marked: data => this.#handle({ kind: 'marked', ...data }),
      removed: data => this.#handle({ kind: 'removed', ...data }),
      reset: () => { this.#clear(); this.#reload(); },
    });
  }

  #find(selector) { return this.#root.querySelector(selector); }

  #clear() {
    this.#generation++;
    this.#items = [];
    this.#next = null;
    this.#counts = { unread: 0, unseen: 0, total: 0, head: null, version: -1 };
    this.#find('.items').replaceChildren();
    this.#find('.items').setAttribute('aria-busy', 'true');
    this.#find('.empty').hidden = this.#find('.more').hidden = true;
    this.#showCounts();
  }

  #filter(status) {
    this.#status = status;
    for (const button of this.#root.querySelectorAll('[data-status]')) button.setAttribute('aria-pressed', button.dataset.status === status);
    const counts = this.#counts;
    this.#clear();
    this.#counts = counts;
    this.#showCounts();
    this.#reload();
  }

  // ---- the list

  async #reload() {
    const generation = ++this.#generation;
    this.#loading = [];
    const limit = Math.min(100, Math.max(pageSize, this.#items.length));
    try {
      const page = await this.caller.call('GET', `${this.path}/notifications?limit=${limit}&status=${this.#status}`);
      if (generation !== this.#generation) return;
      this.#find('.items').replaceChildren();
      this.#items = [];
      for (const item of page.items) this.#insert(item);
      this.#next = page.next;
      this.#take(page.counts);
    } catch (error) {
      if (generation === this.#generation) this.#fail(error);
      return;
    }
    const waiting = this.#loading;
    this.#loading = undefined;
    for (const event of waiting) this.#apply(event);
    this.#settle();
  }

  async #loadMore() {
    if (!this.#next || this.#loading) return;
    const generation = this.#generation;
    const before = this.#next;
    this.#next = null; // one at a time
    const more = this.#find('.more');
    more.disabled = true;
    try {
      const page = await this.caller.call('GET', `${this.path}/notifications?limit=${pageSize}&status=${this.#status}&before=${encodeURIComponent(before)}`);
      if (generation !== this.#generation) return;
      for (const item of page.items) this.#insert(item);
      this.#next = page.next;
    } catch (error) {
      if (generation === this.#generation) this.#next = before;
      this.#report(error.message);
    } finally {
      more.disabled = false;
      this.#settle();
    }
  }

  #insert(item, fresh = false) {
    if (this.#items.some(known => known.item.id === item.id)) return;
    const row = renderItem(item, (verb, which, button) => this.#act(verb, which, button));
    row.classList.toggle('fresh', fresh);
    this.#items[fresh ? 'unshift' : 'push']({ item, row });
    this.#find('.items')[fresh ? 'prepend' : 'append'](row);
  }

  #drop(entry) {
    // Whoever works with the keyboard stays where they were.
    const hadFocus = entry.row.contains(document.activeElement) && document.activeElement.dataset.verb;
    const neighbour = entry.row.nextElementSibling ?? entry.row.previousElementSibling;
    this.#items.splice(this.#items.indexOf(entry), 1);
    entry.row.remove();
    if (hadFocus) (neighbour?.querySelector(`[data-verb=${hadFocus}]`) ?? this.#find('.scroll')).focus();
  }

  #settle() {
    this.#find('.items').setAttribute('aria-busy', 'false');
    this.#find('.more').hidden = !this.#next;
    const empty = this.#find('.empty');
    empty.hidden = this.#items.length > 0 || !!this.#next;
    [empty.children[0].textContent, empty.children[1].textContent] = emptyWords[this.#status];
    empty.children[2].hidden = true;
    this.#lookSoon();
  }

  #fail(error) {
    this.#loading = undefined;
    this.#settle();
    const empty = this.#find('.empty');
    if (!empty.hidden) {
      empty.children[0].textContent = 'The inbox could not be read';
      empty.children[1].textContent = error.message;
      empty.children[2].hidden = false;
    } else this.#report(error.message);
  }

  // ---- what the stream says

  #handle(event) {
    if (this.#loading) this.#loading.push(event);
    else { this.#apply(event); this.#settle(); }
  }

  #apply(event) {
    this.#take(event.counts);
    if (event.kind === 'added') {
      if (this.#status === 'archived') return;
      this.#insert(event.item, true);
      this.#find('.announce').textContent = `New for ${this.user}: ${event.item.title}`;
    } else if (event.kind === 'removed') {
      for (const id of event.ids) this.#known(id) && this.#drop(this.#known(id));
    } else this.#marked(event);
  }

  #marked({ action, ids, upTo }) {
    const entries = upTo ? this.#downFrom(upTo) : ids.map(id => this.#known(id));
    // What this list does not hold may belong into it now.
    if (!entries || (entries.includes(undefined) && ['unread', 'archive', 'unarchive'].includes(action))) return void this.#reload();
    const change = { read: { read: true }, unread: { read: false }, archive: { archived: true }, unarchive: { archived: false }, seen: { seen: true } }[action] ?? {};
    for (const entry of entries) if (entry) this.#update(entry, change);
  }

  #known(id) { return this.#items.find(entry => entry.item.id === id); }

  /** Ids are opaque: the place in the list tells what is older. */
  #downFrom(id) {
    const at = this.#items.findIndex(entry => entry.item.id === id);
    return at < 0 ? undefined : this.#items.slice(at);
  }

  #update(entry, change) {
    Object.assign(entry.item, change);
    const { read, archived } = entry.item;
    const belongs = { inbox: !archived, unread: !archived && !read, archived }[this.#status];
    if (belongs) showFlags(entry.row, entry.item);
    else this.#drop(entry);
  }

  #take(counts) {
    const [mine, theirs] = [this.#counts, counts];
    const older = theirs.version < mine.version || (theirs.version === mine.version && theirs.total < mine.total);
    if (!older) this.#counts = theirs;
    this.#showCounts();
  }

  #showCounts() {
    const { unread, unseen } = this.#counts;
    const badge = this.#find('.badge');
    badge.hidden = unseen === 0;
    badge.textContent = unseen > 99 ? '99+' : unseen;
    this.#find('.bell').setAttribute('aria-label', `${unseen} new`);
    this.#find('.bell').setAttribute('role', 'img');
    this.#find('.unread').textContent = unread;
    this.#find('.all-read').disabled = unread === 0;
  }

  #state(name, words) {
    const state = this.#find('.state');
    state.dataset.state = name;
    state.querySelector('.state-text').textContent = words;
  }

  // ---- what the user does

  #act(verb, item, button) {
    if (verb === 'open') return item.read || this.#mark('read', { ids: [item.id] });
    if (verb === 'delete') return this.#send(() => this.caller.call('DELETE', `${this.path}/notifications/${item.id}`), () => ({ kind: 'removed', ids: [item.id] }), button);
    const action = verb === 'toggle-read' ? (item.read ? 'unread' : 'read') : (item.archived ? 'unarchive' : 'archive');
    this.#mark(action, { ids: [item.id] }, button);
  }

  #mark(action, which, button) {
    this.#send(() => this.caller.call('POST', `${this.path}/notifications/${action}`, which),
      counts => which.ids ? { kind: 'marked', action, ids: which.ids, counts } : undefined, button);
  }

  /** Sends, then shows at once what the stream is going to say too. */
  async #send(request, event, button) {
    const generation = this.#generation;
    try {
      const shown = event(await request());
      if (shown && generation === this.#generation) this.#handle({ counts: this.#counts, ...shown });
    } catch (error) {
      this.#report(error.message);
      button?.focus();
    }
  }

  #lookTimer;
  /** What stands on a visible screen for a moment has been seen. */
  #lookSoon() {
    clearTimeout(this.#lookTimer);
    if (!this.#counts.unseen || !this.#onScreen || document.visibilityState !== 'visible' || this.#status === 'archived') return;
    const upTo = this.#counts.head;
    this.#lookTimer = setTimeout(() => this.#mark('seen', { upTo }), 2_500);
  }
}
