import type { InboxElement } from '../element.js';
import type { Row } from '../rows.js';
import type { openToast } from '../toast.js';
import { adopt, snoozeStyles } from './more.css.js';
import { fill, html, render } from './shared.js';
import { snoozeTimes, toLocalInput } from './times.js';
import { textOf } from './words.js';

const minute = 60_000, year = 365 * 24 * 60 * minute;

/** The menu of a row's button: until when. What the row stands for is put away, and can be taken back from the toast. */
export function openSnoozeMenu(list: InboxElement, toast: ReturnType<typeof openToast>, { key, item, members }: Row): void {
  const button = list._find(`[data-key="${key}"] [data-verb=snooze]`), text = textOf(list), { store } = list;
  // Gone while this file was fetched; or its menu is open.
  if (!button || !store || button.ariaExpanded === 'true') return;
  adopt(list._root, snoozeStyles);
  const menu = document.createElement('div'), over = new AbortController(), now = new Date(), times = snoozeTimes(now), before = list._root.activeElement as HTMLElement | null;
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(list._language, { weekday: 'short', hour: 'numeric', minute: '2-digit', ...options });
  const short = format({}), long = format({ month: 'short', day: 'numeric' });

  function snooze(at: Date): void {
    menu.hidePopover(); // the focus is back in the row, and goes on from there
    if (!button.isConnected) return;
    const ids = members.map(({ id }) => id);
    toast._offer({ _words: fill(text.didSnooze, long.format(at)), _back: () => void store!.unsnooze(ids) });
    void store!.snooze(ids, at);
  }

  function chosen(event: Event): void {
    event.preventDefault();
    // The clock of the person's zone; valid, or the browser would have said so.
    snooze(new Date(menu.querySelector('input')!.value));
  }

  /** Up and down go through the buttons; in the field they are its own. */
  function moved(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], buttons = [...menu.querySelectorAll('button')], at = buttons.indexOf(event.target as HTMLButtonElement);
    if (!step || at < 0) return;
    event.preventDefault();
    buttons.at((at + step) % buttons.length)!.focus();
  }

  /** At the button, and within the window. */
  function place(): void {
    if (!button.isConnected) {
      over.abort(); // its list may have left the page with it, which is no event
      return menu.hidePopover();
    }
    const { top, bottom, left, right } = button.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = menu;
    const within = (wished: number, most: number) => `${Math.max(8, Math.min(wished, most - 8))}px`;
    menu.style.left = within(getComputedStyle(list).direction === 'rtl' ? left : right - width, document.documentElement.clientWidth - width);
    menu.style.top = within(bottom + 4 + height > innerHeight ? top - 4 - height : bottom + 4, innerHeight - height);
  }

  Object.assign(menu, { className: 'menu', popover: 'auto', role: 'dialog', ariaLabel: `${text.snooze}: ${item.title}`, part: 'menu', onkeydown: moved });
  render(html`${times.map(({ word, at }) => html`<button @click=${() => snooze(at)}>${text[word]}<span>${short.format(at)}</span></button>`)}
    <form @submit=${chosen}>
      <label>${text.ownTime}<input type="datetime-local" required min=${toLocalInput(new Date(+now + 2 * minute))} max=${toLocalInput(new Date(+now + year))} .value=${toLocalInput(times.at(-1)!.at)}></label>
      <button>${text.snooze}</button>
    </form>`, menu);
  menu.addEventListener('beforetoggle', ({ newState }) => {
    if (newState === 'open') return;
    over.abort();
    button.ariaExpanded = 'false';
    // Browsers give the focus back to what had it in the document, and not in a shadow.
    if (menu.contains(list._root.activeElement)) [before, button, list._find('.scroll')].find(one => one?.isConnected)!.focus();
  });
  menu.addEventListener('toggle', ({ newState }) => {
    if (newState === 'closed') menu.remove();
  });
  list._find('.body-of-list').append(menu);
  menu.showPopover();
  button.ariaExpanded = 'true';
  place();
  menu.querySelector('button')!.focus();
  // Events of scrolling do not leave a shadow.
  for (const [target, name] of [[list._root, 'scroll'], [window, 'scroll'], [window, 'resize']] as const) target.addEventListener(name, place, { capture: true, passive: true, signal: over.signal });
}
