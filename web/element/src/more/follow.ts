import type { Inbox, Status } from '@orleans-inbox/client';
import { openTopics, type TopicState } from '@orleans-inbox/client/topics';
import type { InboxFollow } from '../follow.js';
import { adopt, followStyles } from './more.css.js';
import { html, nothing } from './shared.js';
import { textOf } from './words.js';

/** The button of one element: how the person and the topic stand at the server, and what is changed of it. @returns what is shown now */
export function openFollow(element: InboxFollow): () => unknown {
  let store: Inbox | undefined, topic: string | undefined, state: TopicState | undefined, status: Status | undefined;
  let isBusy = false, isFailed = false, isRefused = false;
  adopt(element._root, followStyles);

  /** One at a time, and nothing of an inbox or a topic that is no longer shown. */
  async function ask<T>(asked: Promise<T>, done: (answer: T) => void, failed: (error: { status: number }) => void): Promise<void> {
    const [mine, its] = [store, topic], isMine = () => mine === store && its === topic;
    isBusy = true;
    element._changed();
    await asked.then(answer => isMine() && done(answer), error => isMine() && failed(error));
    if (!isMine()) return;
    isBusy = false;
    element._changed();
  }

  function load(): void {
    isFailed = false;
    void ask(openTopics(store!).follows(topic!), now => { state = now; }, () => { isFailed = true; });
  }

  function toggle(): void {
    if (isBusy || !state!.open) return;
    const topics = openTopics(store!), subscribed = !state!.subscribed;
    isRefused = false;
    void ask(topics[subscribed ? 'follow' : 'unfollow'](topic!), () => { state = { open: true, subscribed }; }, error => {
      if (error.status === 403) state = { ...state!, open: false }; // it was closed meanwhile
      else isRefused = true;
    });
  }

  return () => {
    if (store !== element.store || topic !== element.topic) {
      [store, topic, state, isFailed, isRefused, isBusy] = [element.store, element.topic, undefined, false, false, false];
      if (store && topic) load();
    }
    if (status !== element._snapshot.status) {
      ({ status } = element._snapshot);
      if (isFailed && (status === 'live' || status === 'polling')) load();
    }
    const text = textOf(element);
    if (!topic) return nothing;
    if (!store || (!state && status === 'signed-out')) return html`<p role="status">${text['signed-out']}</p>`;
    if (!state) return html`<p role="status">${isFailed ? text.missing : text.loading}</p>${isFailed ? html`<button class="button" @click=${load}>${text.retry}</button>` : nothing}`;
    const { subscribed, open } = state;
    return html`<button class="button" part="action" aria-pressed=${subscribed} aria-busy=${isBusy} aria-disabled=${!open} aria-describedby="note" @click=${toggle}>${subscribed ? text.following : text.follow}</button>
      <span class="note" id="note" role="status">${open ? isRefused ? text.refused : '' : text.notOpen}</span>`;
  };
}
