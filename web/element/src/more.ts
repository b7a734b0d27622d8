import { html, nothing, render } from 'lit/html.js';
import type { openMore } from './more/index.js';
import { fill, wordsFor } from './words.js';

/** What the second file is given of the first: it holds no copy of its own, whatever address either was loaded from. */
export const shared = { _html: html, _nothing: nothing, _render: render, _fill: fill, _wordsFor: wordsFor };

export type More = ReturnType<typeof openMore>;
let loaded: Promise<More> | undefined, attempts = 0;

/**
 * What a bell does not need: the menu of a snooze, and preferences. Fetched when it is first used, and again when that failed. In a bundle it is
 * `inbox-more.js`, from where the bundle itself is; see bundle.mjs.
 */
export const more = (): Promise<More> => loaded ??= load(attempts++).then(it => it.openMore(shared)).catch(failure => {
  loaded = undefined;
  throw failure;
});

const load = (_attempt: number) => import('./more/index.js');
