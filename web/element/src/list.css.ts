import { theme } from './theme.css.js';

export const listStyles = theme + /* css */ `
  :host { display: flex; flex-direction: column; height: var(--inbox-height, 32rem); min-width: 0; background: var(--_surface); position: relative; }
  header { padding: .75rem 1rem; border-bottom: 1px solid var(--_line); }
  .top, .bar { display: flex; align-items: center; gap: .5rem; min-width: 0; }
  .top { min-height: 2rem; }
  .bar { position: relative; margin-top: .4rem; }

  .state { margin-inline-start: auto; display: inline-flex; align-items: center; gap: .4rem; color: var(--_soft); font-size: .86em; min-width: 0; }
  .state::before { content: ""; flex: none; width: .6em; height: .6em; border-radius: 50%; background: #d97706; }
  .state[data-state=live]::before { background: #16a34a; }
  .state[data-state=offline]::before, .state[data-state=signed-out]::before { background: var(--_bad); }

  .filters { display: flex; flex-wrap: wrap; margin-inline-end: auto; padding: .2rem; border-radius: 10px; background: var(--_raised); }
  .filters button { padding: .2rem .6rem; color: var(--_soft); font-size: .86em; }
  .filters [aria-pressed=true] { background: var(--_surface); color: var(--_text); font-weight: 650; }
  .filters:has(~ input) { visibility: hidden; }
  .find { --i: path(evenodd, "M8 2a6 6 0 1 0 1 0zM8 4a4 4 0 1 0 1 0zM12 13l1-1 5 5-1 1z"); }
  input { position: absolute; width: calc(100% - 5rem); padding: .2rem .6rem; border: 1px solid; font-size: 1rem; cursor: text; }
  .unread { margin-inline: .25rem; font-weight: 650; color: var(--_accent); }

  .check { --i: path("M8 15 3 10l1-1 4 4 8-8 1 1z"); }
  .all-read { --i: path("M5 15 0 10l1-1 4 4 8-8 1 1zM10 15l-1-1 9-9 1 1z"); }
  .dot { --i: circle(5px); }
  .box { --i: path(evenodd, "M3 4h14v3H3zM4 8h12v9H4zM8 10v2h4v-2z"); }
  .unbox { --i: path(evenodd, "M3 4h14v3H3zM4 8h12v9H4zM10 9l-3 3h2v3h2v-3h2z"); }
  .clock { --i: path(evenodd, "M9 2a8 8 0 1 0 1 0zM9 4a6 6 0 1 0 1 0zM9 6h1v4h3v1H9z"); }
  .bin { --i: path(evenodd, "M8 2h4v2h5v2H3V4h5zM4 7h12l-1 11H5zM8 9v7h1V9zM11 9v7h1V9z"); }

  .body-of-list { flex: 1; min-height: 0; position: relative; display: flex; flex-direction: column; }
  .scroll { flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; overscroll-behavior: contain; overflow-anchor: none; outline-offset: -3px; }
  .items { position: relative; contain: layout style; }
  .item { position: absolute; inset-inline: 0; touch-action: pan-y; outline-offset: -3px; background: var(--_surface); }
  .card { position: relative; display: grid; grid-template-columns: auto minmax(0, 1fr); column-gap: .75rem; padding: .75rem 1rem; border-bottom: 1px solid var(--_line); background: var(--_surface); }
  .unread-item .card { background: var(--_unread); }
  .card:hover { background-image: linear-gradient(#8080a014 0 0); }
  .unread-item .card::before { content: ""; position: absolute; top: 1.75rem; inset-inline-start: .25rem; width: .5rem; height: .5rem; border-radius: 50%; background: var(--_accent); }
  .inside .card { padding-inline-start: 2.4rem; }
  .fresh { animation: open .3s; }

  .avatar { position: relative; display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%; overflow: hidden; font-size: .86em; font-weight: 650; background: hsl(var(--hue) 70% 50% / .25); }
  .avatar img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; background: var(--_surface); }
  .inside .avatar { width: 1.9rem; height: 1.9rem; font-size: .7em; }

  .what { min-width: 0; }
  .title, .body { display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }
  .title { -webkit-line-clamp: 4; color: inherit; text-decoration: none; font-weight: 500; }
  .unread-item .title { font-weight: 650; }
  .title::after { content: ""; position: absolute; inset: 0; cursor: pointer; }
  a.title:hover { text-decoration: underline; }
  .body { -webkit-line-clamp: 3; color: var(--_soft); font-size: .92em; white-space: pre-line; }
  .choices { display: flex; flex-wrap: wrap; gap: .4rem; margin: .4rem 0; }
  .choice { position: relative; z-index: 1; padding: .3rem .75rem; border: 1px solid var(--_line); background: var(--_surface); font-size: .92em; overflow-wrap: anywhere; }
  .choice:hover { border-color: currentColor; }
  .acted { color: var(--_soft); font-size: .92em; font-weight: 650; overflow-wrap: anywhere; }
  .meta { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .6rem; color: var(--_soft); font-size: .86em; }
  .meta .clock { width: 20px; height: 20px; scale: .8; }
  .high { color: var(--_bad); font-weight: 650; }
  .more, .undo { font-weight: 650; padding: .2rem .6rem; }
  .more { position: relative; z-index: 1; color: var(--_accent); margin-inline-start: -.6rem; }

  .actions { position: absolute; z-index: 1; inset-inline-end: .4rem; bottom: .35rem; display: flex; }
  .actions .icon { width: 1.85rem; height: 2rem; }
  @media (hover: hover) and (min-width: 30.01rem) {
    .actions { border-radius: 10px; background: var(--_surface); box-shadow: 0 0 0 1px var(--_line); opacity: 0; }
    .item:hover .actions, .item:focus-within .actions { opacity: 1; }
  }
  @media (hover: none), (max-width: 30rem) {
    .actions { bottom: .75rem; }
    .actions .icon { width: 2.4rem; }
    .meta { padding-inline-end: 9.6rem; min-height: 2rem; }
  }

  .item::before { position: absolute; inset: 0; display: flex; align-items: center; padding: 0 1rem; color: var(--_on-accent); font-weight: 650; }
  .item[data-moving] { background: var(--_soft); overflow: hidden; }
  .item[data-swipe]::before { content: attr(data-hint); background: var(--_accent); }
  .item[data-swipe]:not([data-swipe=read])::before { justify-content: end; }
  .item[data-swipe=remove]::before { background: var(--_bad); }

  .pill { position: absolute; z-index: 3; top: .75rem; left: 50%; transform: translateX(-50%); padding: .4rem 1rem; border-radius: 1em; background: var(--_accent); color: var(--_on-accent); font-size: .86em; font-weight: 650; box-shadow: var(--_shadow); }
  .toast { position: absolute; z-index: 3; bottom: .75rem; inset-inline: .75rem; margin: auto; width: fit-content; display: flex; gap: .75rem; align-items: center; padding: .4rem 1rem; border-radius: 10px; background: var(--_text); color: var(--_surface); font-size: .92em; box-shadow: var(--_shadow); min-height: 2.5rem; }
  .undo { text-decoration: underline; outline-color: currentColor; }

  .skeleton i { display: block; height: 3rem; margin: 1rem; border-radius: 10px; background: var(--_raised); animation: wait 1.2s infinite alternate; }
  @keyframes wait { to { opacity: .45; } }
  .empty { display: grid; gap: .4rem; justify-items: center; text-align: center; padding: 3.5rem 1.5rem; color: var(--_soft); overflow-wrap: anywhere; }
  .empty strong { color: var(--_text); font-size: 1.07em; }
  .empty button { margin-top: .4rem; padding: .4rem 1rem; border: 1px solid var(--_line); }
`;
