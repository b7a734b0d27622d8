import type { shared } from '../more.js';

type Shared = typeof shared;

export let html: Shared['_html'], nothing: Shared['_nothing'], render: Shared['_render'], fill: Shared['_fill'], wordsFor: Shared['_wordsFor'];

/** Before anything else here is called. */
export function share(all: Shared): void {
  ({ _html: html, _nothing: nothing, _render: render, _fill: fill, _wordsFor: wordsFor } = all);
}
