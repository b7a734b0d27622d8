import type { Inbox, InboxError, Preferences, Status, StoredPreferences } from '@orleans-inbox/client';
import type { ChoosableChannel, InboxPreferences } from '../preferences.js';
import { adopt, preferencesStyles } from './more.css.js';
import { groupsTemplate, quietTemplate, typesTemplate, type Setting } from './preferences.view.js';
import { html, nothing } from './shared.js';
import { errorsAt, offOf, withoutGroup, withType } from './wishes.js';
import { textOf } from './words.js';

/** What the application lists: a property, or an attribute of JSON. */
function listed<T>(own: readonly T[] | undefined, attribute: string | null): readonly T[] {
  try {
    const list = own ?? JSON.parse(attribute!);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** The panel of one element: a copy of what is stored, changed by the person until it is saved. @returns what is shown now */
export function openPreferences(element: InboxPreferences): () => unknown {
  let store: Inbox | undefined, stored: StoredPreferences | undefined, wishes: Preferences, kept: Preferences['quiet'] = null;
  let status: Status | undefined, isBusy = false, isFailed = false, note: 'saving' | 'saved' | 'conflict' | 'refused' | undefined, errors: Readonly<Record<string, readonly string[]>> = {};
  /** Types that are off and that the application does not list: each has a row for as long as the panel shows it. */
  let extra = new Set<string>();
  adopt(element._root, preferencesStyles);

  const isChanged = () => JSON.stringify(wishes) !== JSON.stringify(stored!.value);

  function put(now: StoredPreferences): void {
    stored = now;
    wishes = now.value;
    errors = {};
    for (const off of [wishes.mute.types, ...Object.keys(wishes.channels).map(id => offOf(wishes, id))]) off.forEach(type => extra.add(type));
  }

  /** One at a time, and nothing of an inbox that is no longer shown. */
  async function ask(asked: Promise<StoredPreferences>, done: (now: StoredPreferences) => void, failed: (error: InboxError) => unknown): Promise<void> {
    const mine = store;
    isBusy = true;
    element._changed();
    const [now, error] = await asked.then(now => [now] as const, (error: InboxError) => [undefined, error] as const);
    if (mine !== store) return;
    isBusy = false;
    if (now) done(now); else failed(error!);
    element._changed();
  }

  /** What is shown stays until the answer is here. */
  function load(then?: 'conflict'): void {
    isFailed = false;
    void ask(store!.preferences(), now => { put(now); note = then; }, () => {
      stored = undefined;
      isFailed = true;
    });
  }

  function save(event: Event): void {
    event.preventDefault();
    if (isBusy || !isChanged()) return;
    note = 'saving';
    const sent = wishes;
    void ask(store!.savePreferences(sent, stored!.etag), now => {
      const later = wishes;
      put(now);
      note = later === sent ? 'saved' : undefined;
      if (!note) wishes = later; // changed while it was saved, and not saved yet
    }, error => {
      if (error.status === 412) return load('conflict');
      errors = error.errors ?? {};
      note = 'refused';
    });
  }

  function change(now: Preferences): void {
    wishes = now;
    if (!isBusy) note = undefined;
    element._changed();
  }

  return () => {
    if (store !== element.store) {
      store = element.store;
      [stored, note, extra] = [undefined, undefined, new Set()];
      if (store) load();
    }
    if (status !== element._snapshot.status) {
      ({ status } = element._snapshot);
      if (isFailed && (status === 'live' || status === 'polling')) load();
    }
    const text = textOf(element), types = listed(element.types, element.getAttribute('types')), names = new Set(types.map(({ type }) => type));
    if (!store || (!stored && status === 'signed-out')) return html`<p role="status">${text['signed-out']}</p>`;
    if (!stored) return html`<p role="status">${isFailed ? text.failedSettings : text.loading}</p>${isFailed ? html`<button class="button" @click=${() => load()}>${text.retry}</button>` : nothing}`;
    const setting: Setting = {
      _text: text, _wishes: wishes, _errors: field => errorsAt(errors, field),
      _types: [...types, ...[...extra].filter(type => !names.has(type)).map(type => ({ type, label: type }))],
      _channels: listed<ChoosableChannel>(element.channels, element.getAttribute('channels')),
      _choose: (type, isOn, channel) => change(withType(wishes, type, isOn, channel)),
      _quiet(quiet) {
        kept = wishes.quiet ?? kept;
        change({ ...wishes, quiet: quiet === true ? kept ?? { from: '22:00', to: '07:00', zone: Intl.DateTimeFormat().resolvedOptions().timeZone } : quiet });
      },
      _unmute(group) {
        change(withoutGroup(wishes, group));
        queueMicrotask(() => element._find('.unmute, .save').focus()); // after what was just queued: its own button is gone
      },
    };
    const isIdle = isBusy || !isChanged(), other = Object.keys(errors).filter(field => !/^(mute|quiet|channels)\b/.test(field)).map(field => errorsAt(errors, field)).join(' ');
    return html`<form aria-busy=${isBusy} @submit=${save}>
      <slot name="heading"><strong class="heading">${text.preferences}</strong></slot>
      ${typesTemplate(setting)}${quietTemplate(setting)}${groupsTemplate(setting)}
      <div class="end">
        <button class="button save" part="action" aria-disabled=${isIdle}>${text.save}</button>
        <span class="note" role="status">${note ? text[note] : ''} ${other}</span>
      </div>
    </form>`;
  };
}
