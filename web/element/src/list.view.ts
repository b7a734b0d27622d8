import type { ListStatus, Snapshot, Status } from '@orleans-inbox/client';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Text } from './words.js';

const tabs = ['inbox', 'unread', 'archived'] as const;

/** @param search stands beside the tabs, and its field in their place */
export function headerTemplate(text: Text, status: Status, shown: ListStatus, unread: number, isReadable: unknown, show: (tab: ListStatus) => void, readAll: () => void, search: unknown): TemplateResult {
  return html`<header part="header">
    <div class="top">
      <slot name="heading"><strong class="heading">${text.inbox}</strong></slot>
      <span class="state" part="state" role="status" data-state=${status} title=${text[status]}><span class="state-text">${text[status]}</span></span>
      <slot name="end"></slot>
    </div>
    <div class="bar">
      <div class="filters" part="filters" role="group" aria-label=${text.inbox}>${tabs.map(tab => html`
        <button aria-pressed=${shown === tab} @click=${() => show(tab)}>${text[tab === 'inbox' ? 'all' : tab]}${tab === 'unread' ? html` <span class="unread">${unread}</span>` : nothing}</button>`)}
      </div>
      ${search}
      <button class="icon all-read" part="action" title=${text.allRead} aria-label=${text.allRead} ?disabled=${!isReadable} @click=${readAll}></button>
    </div>
  </header>`;
}

/** The field comes first where it is: the button after it closes it. */
export function searchTemplate({ search }: Text, isOpen: boolean, type: (event: Event) => void, toggle: (event: KeyboardEvent) => void): TemplateResult {
  return html`
    ${isOpen ? html`<input part="search" type="search" maxlength="64" aria-label=${search} @input=${type} @keydown=${toggle}>` : nothing}
    <button class="icon find" part="action" title=${search} aria-label=${search} aria-expanded=${isOpen} @click=${toggle}></button>`;
}

/** Rows that are still to come. */
export function skeletonTemplate(text: Text, rows: number): TemplateResult {
  return html`<div class="skeleton" part="skeleton" role="img" aria-label=${text.loading}>${Array(rows).fill(html`<i></i>`)}</div>`;
}

/** Instead of rows, when there are none. */
export function emptyTemplate(text: Text, { error, status, filter }: Snapshot, shown: ListStatus, retry: () => void): TemplateResult {
  const [title, hint] = error ? [text.failed, error.status ? error.message : text.offline]
    : status === 'signed-out' ? [text['signed-out']]
    : filter.q ? [text.noneFound]
    : shown === 'unread' ? [text.noneUnread, text.noneHint]
    : shown === 'archived' ? [text.noneArchived] : [text.none, text.noneHint];
  return html`<div class="empty" part="empty"><strong>${title}</strong><span>${hint}</span>
    ${error ? html`<button @click=${retry}>${text.retry}</button>` : nothing}</div>`;
}
