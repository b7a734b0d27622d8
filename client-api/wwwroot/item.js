// One notification of a list. What publishers wrote is text and never markup: textContent only.
import { safeLink } from './api.js';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const steps = [[60, 'second'], [60, 'minute'], [24, 'hour'], [30, 'day'], [12, 'month'], [Infinity, 'year']];

export function ago(time, now = Date.now()) {
  let amount = Math.min(0, (new Date(time) - now) / 1000);
  if (amount > -5) return 'just now';
  for (const [size, unit] of steps) {
    if (-amount < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
}

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Initials on a colour of their own; remote pictures would tell their host who reads what. */
export function paintAvatar(target, name) {
  let hue = 0;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  const words = name.split(/[\s._\-]+/).filter(Boolean);
  const initials = words.length > 1 ? [...words[0]][0] + [...words[1]][0] : [...(words[0] ?? '?')].slice(0, 2).join('');
  target.textContent = initials.toUpperCase();
  target.style.setProperty('--hue', hue);
}

/** @param act (verb, item, button) => void; verbs: toggle-read, toggle-archived, delete, open */
export function renderItem(item, act) {
  const row = element('li', 'item');
  row.dataset.id = item.id;
  const avatar = element('span', 'avatar');
  avatar.setAttribute('aria-hidden', 'true');
  paintAvatar(avatar, item.actor?.name || item.actor?.id || item.type);

  const text = element('div', 'what');
  const link = safeLink(item.url);
  const title = element(link ? 'a' : 'span', 'title', item.title);
  if (link) {
    Object.assign(title, { href: link, target: '_blank', rel: 'noopener noreferrer' });
    title.addEventListener('click', () => act('open', item));
  }
  text.append(title);
  if (item.body) text.append(element('div', 'body', item.body));

  const meta = element('div', 'meta');
  const time = element('time', '', ago(item.createdAt));
  time.dateTime = item.createdAt;
  time.title = new Date(item.createdAt).toLocaleString();
  meta.append(time);
  if (item.priority === 'high') meta.append(element('span', 'high', 'important'));
  meta.append(element('span', '', item.type));
  if (item.group) meta.append(element('span', '', item.group));
  text.append(meta);

  const actions = element('div', 'actions');
  for (const verb of ['toggle-read', 'toggle-archived', 'delete']) {
    const button = element('button');
    button.type = 'button';
    button.dataset.verb = verb;
    button.addEventListener('click', () => act(verb, item, button));
    actions.append(button);
  }
  row.append(avatar, text, actions);
  showFlags(row, item);
  return row;
}

export function showFlags(row, item) {
  row.classList.toggle('unread-item', !item.read);
  const words = { 'toggle-read': item.read ? 'Mark unread' : 'Mark read', 'toggle-archived': item.archived ? 'Unarchive' : 'Archive', delete: 'Delete' };
  for (const button of row.querySelectorAll('button')) {
    const word = words[button.dataset.verb];
    button.textContent = word;
    button.setAttribute('aria-label', `${word}: ${item.title}`);
  }
}
