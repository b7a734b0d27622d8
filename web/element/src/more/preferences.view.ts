import type { Preferences } from '@orleans-inbox/client';
import type { ChoosableChannel, ChoosableType } from '../preferences.js';
import { html, nothing } from './shared.js';
import { isFixed, isOff, offOf } from './wishes.js';
import type { textOf } from './words.js';

/** What there is to choose from, how it stands, and what is done with it. */
export interface Setting {
  readonly _text: ReturnType<typeof textOf>;
  readonly _wishes: Preferences;
  readonly _types: readonly ChoosableType[];
  readonly _channels: readonly ChoosableChannel[];
  /** What the server said is wrong with the field; empty when nothing is. */
  readonly _errors: (field: string) => string;
  readonly _choose: (type: string, isOn: boolean, channel?: string) => void;
  /** @param quiet true for those that there were before they were switched off */
  readonly _quiet: (quiet: Preferences['quiet'] | true) => void;
  readonly _unmute: (group: string) => void;
}

const isChecked = ({ target }: Event): boolean => (target as HTMLInputElement).checked;
const sentence = (words: string, id: string) => words ? html`<p class="bad" id=${id}>${words}</p>` : nothing;

/** A box for each type; with channels a table, with a further box for each of them. What is muted is sent by none. */
export function typesTemplate({ _text: text, _wishes: wishes, _types: types, _channels: channels, _errors: errors, _choose: choose }: Setting): unknown {
  const { types: muted } = wishes.mute;
  const box = (type: string, off: readonly string[], isDisabled: boolean, label: unknown, channel?: string) => html`<input type="checkbox" aria-label=${label}
    .checked=${!isOff(off, type)} ?disabled=${isDisabled} @change=${(event: Event) => choose(type, isChecked(event), channel)}>`;
  return types.length ? html`<fieldset>
    <legend>${text.wanted}</legend>
    ${channels.length ? html`<table>
      <thead><tr><th scope="col">${text.type}</th><th scope="col">${text.inInbox}</th>${channels.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
      <tbody>${types.map(({ type, label }) => html`<tr>
        <th scope="row">${label}</th><td>${box(type, muted, isFixed(muted, type), `${label}: ${text.inInbox}`)}</td>
        ${channels.map(({ id, label: by }) => html`<td>${box(type, offOf(wishes, id), isFixed(offOf(wishes, id), type) || isOff(muted, type), `${label}: ${by}`, id)}</td>`)}
      </tr>`)}</tbody>
    </table>` : types.map(({ type, label }) => html`<label class="line">${box(type, muted, isFixed(muted, type), nothing)}${label}</label>`)}
    ${sentence([errors('mute'), errors('channels')].join(' ').trim(), 'mute')}
  </fieldset>` : nothing;
}

export function quietTemplate({ _text: text, _wishes: { quiet }, _errors: errors, _quiet: put }: Setting): unknown {
  const field = (name: 'from' | 'to' | 'zone', type: string) => {
    const wrong = errors(`quiet.${name}`);
    // A time that is typed by halves is none yet: what stood there stays until it is whole.
    const typed = ({ target }: Event) => { const { value } = target as HTMLInputElement; if (value) put({ ...quiet!, [name]: value }); };
    return html`<div class="field"><label>${text[name]}<input type=${type} name=${name} list=${name === 'zone' ? 'zones' : nothing} required autocomplete="off"
      .value=${quiet![name]} aria-invalid=${!!wrong} aria-describedby=${wrong ? name : nothing} @input=${typed}></label>${sentence(wrong, name)}</div>`;
  };
  return html`<fieldset>
    <legend>${text.quiet}</legend>
    <label class="line"><input type="checkbox" name="quiet" aria-describedby="hint" .checked=${!!quiet} @change=${(event: Event) => put(isChecked(event) || null)}>${text.quiet}</label>
    <p class="hint" id="hint">${text.quietHint}</p>
    ${quiet ? html`<div class="fields">${field('from', 'time')}${field('to', 'time')}${field('zone', 'text')}</div>
      <datalist id="zones">${Intl.supportedValuesOf('timeZone').map(zone => html`<option value=${zone}></option>`)}</datalist>` : nothing}
    ${sentence(['from', 'to', 'zone'].some(name => errors(`quiet.${name}`)) ? '' : errors('quiet'), 'quiet')}
  </fieldset>`;
}

export function groupsTemplate({ _text: text, _wishes: { mute: { groups } }, _unmute: unmute }: Setting): unknown {
  return groups.length ? html`<fieldset>
    <legend>${text.mutedGroups}</legend>
    <ul>${groups.map(group => html`<li class="line"><span dir="auto">${group}</span>
      <button class="button unmute" type="button" aria-label=${`${text.unmute}: ${group}`} @click=${() => unmute(group)}>${text.unmute}</button></li>`)}</ul>
  </fieldset>` : nothing;
}
