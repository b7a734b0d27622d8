// Styles and words first: what is alike stands together in the bundle, and weighs less.
import './bell.css.js';
import './list.css.js';
import './words.js';
import { InboxBell } from './bell.js';
import { InboxFollow } from './follow.js';
import { InboxList } from './list.js';
import { InboxPreferences } from './preferences.js';

export * from '@orleans-inbox/client';
export { addLanguage, type Words } from './words.js';
export type { ChoosableChannel, ChoosableType } from './preferences.js';
export { InboxBell, InboxFollow, InboxList, InboxPreferences };

InboxList.define('inbox-list');
InboxBell.define('inbox-bell');
InboxPreferences.define('inbox-preferences');
InboxFollow.define('inbox-follow');

declare global {
  interface HTMLElementTagNameMap {
    'inbox-bell': InboxBell;
    'inbox-list': InboxList;
    'inbox-preferences': InboxPreferences;
    'inbox-follow': InboxFollow;
  }
}
