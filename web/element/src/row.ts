import type { Choice, Item } from '@orleans-inbox/client';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import { isOpened, type Row } from './rows.js';
import { initials, leadsAway, safeLink } from './safe.js';
import { ago, fill, type Text } from './words.js';

export type Verb = 'read' | 'archive' | 'snooze' | 'remove' | 'open' | 'fold' | 'act';

/** What a row needs to know that is not its own. */
export interface Look {
  readonly _text: Text;
  readonly _language: string;
  readonly _format: Intl.RelativeTimeFormat;
  readonly _pictures: boolean;
  /** What is loaded is a part: of a group, too. */
  readonly _hasMore: boolean;
  readonly _act: (verb: Verb, row: Row, event: Event, choice?: Choice) => void;
}

export const isUnread = ({ members }: Row): boolean => members.some(member => !member.read);
export const isArchived = ({ members }: Row): boolean => members.every(member => member.archived);

/** What its buttons are called now. */
export function wordsOf(row: Row, text: Text): Record<'read' | 'archive' | 'snooze' | 'remove', string> {
  return { read: isUnread(row) ? text.read : text.unreadAgain, archive: isArchived(row) ? text.unarchive : text.archive, snooze: text.snooze, remove: text.remove };
}

/** What stands in a row. What publishers wrote is bound as text, never as markup. */
export function rowTemplate(row: Row, { _text: text, _language, _format, _pictures, _hasMore, _act }: Look, isActive: boolean): TemplateResult {
  const { item, older } = row, isOpen = isOpened(row);
  const tab = isActive ? 0 : -1;
  const link = safeLink(item.url);
  const when = new Date(item.createdAt);
  const words = wordsOf(row, text);
  const doing = (verb: Verb) => (event: Event) => _act(verb, row, event);
  const button = (verb: keyof typeof words, icon: string) => html`<button class=${`icon ${icon}`} part="action" data-verb=${verb} tabindex=${tab} title=${words[verb]}
    aria-haspopup=${verb === 'snooze' ? 'dialog' : nothing} aria-label=${`${words[verb]}: ${item.title}`} @click=${doing(verb)}></button>`;
  return html`<div class="card">
    ${avatar(item, _pictures)}
    <div class="what">
      ${link
        ? html`<a class="title" dir="auto" href=${link} rel="noopener noreferrer" target=${leadsAway(link) ? '_blank' : nothing} tabindex=${tab} @click=${doing('open')} @auxclick=${doing('open')}>${item.title}</a>`
        : html`<span class="title" dir="auto" @click=${doing('open')}>${item.title}</span>`}
      ${item.body ? html`<div class="body" dir="auto">${item.body}</div>` : nothing}
      ${choices(item, tab, (choice, event) => _act('act', row, event, choice))}
      <div class="meta">
        <time datetime=${item.createdAt} title=${isNaN(+when) ? nothing : when.toLocaleString(_language)}>${ago(item.createdAt, _format, text.now)}</time>
        ${item.snoozedFrom ? html`<span class="icon clock" role="img" title=${text.snoozed} aria-label=${text.snoozed}></span>` : nothing}
        ${item.priority === 'high' ? html`<span class="high">${text.important}</span>` : nothing}
        ${older ? html`<button class="more" data-verb="fold" tabindex=${tab} aria-expanded=${isOpen} @click=${doing('fold')}>${isOpen ? text.less : fill(text.more, _hasMore ? `${older}+` : older)}</button>` : nothing}
      </div>
    </div>
    <div class="actions">${button('read', isUnread(row) ? 'check' : 'dot')}${button('archive', isArchived(row) ? 'unbox' : 'box')}${button('snooze', 'clock')}${button('remove', 'bin')}</div>
  </div>`;
}

/** A button for each action; once one was chosen, wherever, its label alone. */
function choices({ actions, acted, title }: Item, tab: number, choose: (choice: Choice, event: Event) => void): unknown {
  return !actions ? nothing
    : acted ? html`<div class="acted" part="acted" dir="auto">✓ ${actions.find(({ id }) => id === acted.action)?.label}</div>`
    : html`<div class="choices">${actions.map(choice => html`<button class="choice" part="choice" dir="auto" tabindex=${tab}
      aria-label=${`${choice.label}: ${title}`} @click=${(event: Event) => choose(choice, event)}>${choice.label}</button>`)}</div>`;
}

function avatar({ actor, type }: Item, pictures: boolean): TemplateResult {
  const [letters, hue] = initials(actor?.name || actor?.id || type);
  const picture = pictures && safeLink(actor?.avatarUrl);
  return html`<span class="avatar" part="avatar" aria-hidden="true" .style=${`--hue:${hue}`}>${letters}${picture
    ? html`<img src=${picture} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" @error=${(event: Event) => { (event.target as HTMLElement).hidden = true; }}>` : nothing}</span>`;
}
