import type { Item } from '@orleans-inbox/client';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Row } from './rows.js';
import { initials, safeLink } from './safe.js';
import { ago, fill, type Words } from './words.js';

export type Verb = 'toggle-read' | 'toggle-archived' | 'delete' | 'open' | 'fold';

/** What a row needs to know that is not its own. */
export interface Look {
  readonly text: Words;
  readonly format: Intl.RelativeTimeFormat;
  readonly language: string;
  readonly pictures: boolean;
  readonly act: (verb: Verb, row: Row, event: Event) => void;
}

/** What stands in a row. What publishers wrote is bound as text, never as markup. */
export function rowTemplate(row: Row, look: Look, words: Record<'toggle-read' | 'toggle-archived' | 'delete', string>, place: { active: boolean; open: boolean }): TemplateResult {
  const { item, members } = row;
  const { text } = look;
  const unread = members.some(member => !member.read);
  const tab = place.active ? 0 : -1;
  const link = safeLink(item.url);
  const button = (verb: keyof typeof words, icon: string, word = words[verb]) => html`<button type="button" class="icon ${icon}" part="action" data-verb=${verb} tabindex=${tab}
    title=${word} aria-label="${word}: ${item.title}" @click=${(event: Event) => look.act(verb, row, event)}></button>`;
  const when = new Date(item.createdAt);
  return html`<div class="card">
    ${avatar(item, look.pictures)}
    <div class="what">
      ${link
        ? html`<a class="title" dir="auto" href=${link} rel="noopener noreferrer" target=${/^h/i.test(link) ? '_blank' : nothing} tabindex=${tab} @click=${(event: Event) => look.act('open', row, event)}>${item.title}</a>`
        : html`<span class="title" dir="auto" @click=${(event: Event) => look.act('open', row, event)}>${item.title}</span>`}
      ${item.body ? html`<div class="body" dir="auto">${item.body}</div>` : nothing}
      <div class="meta">
        <time datetime=${item.createdAt} title=${isNaN(+when) ? nothing : when.toLocaleString(look.language)}>${ago(item.createdAt, look.format, text.now)}</time>
        ${item.priority === 'high' ? html`<span class="high">${text.important}</span>` : nothing}
        ${members.length > 1 ? html`<button type="button" class="more" data-verb="fold" tabindex=${tab} aria-expanded=${place.open} @click=${(event: Event) => look.act('fold', row, event)}>${place.open ? text.less : fill(text.more, members.length - 1)}</button>` : nothing}
      </div>
    </div>
    <div class="actions">
      ${button('toggle-read', unread ? 'check' : 'dot')}
      ${button('toggle-archived', item.archived ? 'unbox' : 'box')}
      ${button('delete', 'bin')}
    </div>
  </div>`;
}

function avatar({ actor, type }: Item, pictures: boolean): TemplateResult {
  const [letters, hue] = initials(actor?.name || actor?.id || type);
  const picture = pictures && safeLink(actor?.avatarUrl);
  return html`<span class="avatar" part="avatar" aria-hidden="true" .style=${`--hue:${hue}`}>${letters}${picture
    ? html`<img src=${picture} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" @error=${(event: Event) => { (event.target as HTMLElement).hidden = true; }}>` : nothing}</span>`;
}
