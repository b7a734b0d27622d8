// One user's inbox: the list of /inbox.js, with a field that says whose it is and a button that follows a topic.
import { createInbox } from '/inbox.js';
import { Caller } from './api.js';
import { paintAvatar } from './person.js';

export class Pane {
  #root;
  #list;
  #follow;
  #inbox;

  constructor(root, user, onUser) {
    this.#root = root;
    this.#list = root.querySelector('inbox-list');
    this.#follow = root.querySelector('inbox-follow');
    this.#follow.words = { follow: 'Follow news', following: 'Following news' };
    const userInput = root.querySelector('.who input');
    root.querySelector('.who').addEventListener('submit', event => { event.preventDefault(); userInput.blur(); });
    userInput.addEventListener('change', () => userInput.reportValidity() && (this.show(userInput.value), onUser()));
    this.show(user);
  }

  show(user) {
    this.user = user;
    this.#root.querySelector('.who input').value = user;
    this.#root.setAttribute('aria-label', `Inbox of ${user}`);
    paintAvatar(this.#root.querySelector('.pane-top .avatar'), user);
    const caller = new Caller({ user });
    this.#inbox?.close();
    this.#inbox = createInbox({ url: '', getToken: refused => caller.token(!!refused) });
    this.#inbox.subscribe(() => this.#showCounts());
    this.#list.inbox = this.#follow.inbox = this.#inbox;
    this.#showCounts();
  }

  /** Offers a topic, once it is open. */
  offer(topic) {
    this.#follow.topic = topic;
  }

  #showCounts() {
    const { unseen } = this.#inbox.getSnapshot().counts;
    const bell = this.#root.querySelector('.bell'), badge = this.#root.querySelector('.badge');
    badge.hidden = unseen === 0;
    badge.textContent = unseen > 99 ? '99+' : unseen;
    bell.setAttribute('aria-label', `${unseen} new`);
    bell.setAttribute('role', 'img');
  }
}
