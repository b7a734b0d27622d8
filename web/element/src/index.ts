import { InboxBell } from './bell.js';
import { InboxList } from './list.js';

export * from '@orleans-inbox/client';
export { addLanguage, type Words } from './words.js';
export { InboxBell, InboxList };

if (!customElements.get('inbox-bell')) customElements.define('inbox-bell', InboxBell);
if (!customElements.get('inbox-list')) customElements.define('inbox-list', InboxList);

declare global {
  interface HTMLElementTagNameMap {
    'inbox-bell': InboxBell;
    'inbox-list': InboxList;
  }
}
