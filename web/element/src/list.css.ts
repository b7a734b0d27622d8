import { theme } from './theme.css.js';

export const listStyles = [theme, /* css */ `
  :host { display: flex; flex-direction: column; height: var(--inbox-height, 32rem); min-width: 0; background: var(--_surface); position: relative; }
  header { padding: .8rem 1rem .55rem; border-bottom: 1px solid var(--_line); }
  .top, .bar { display: flex; align-items: center; gap: .5rem; min-width: 0; }
  .top { min-height: 2rem; }
  .bar { justify-content: space-between; margin-top: .4rem; }

  .state { margin-inline-start: auto; display: inline-flex; align-items: center; gap: .4rem; color: var(--_soft); font-size: .8em; min-width: 0; }
  .state::before { content: ""; flex: none; width: .6em; height: .6em; border-radius: 50%; background: light-dark(#b45309, #fbbf24); }
  .state[data-state=live]::before { background: light-dark(#15803d, #4ade80); }
  .state[data-state=offline]::before, .state[data-state=signed-out]::before { background: var(--_bad); }
  .state[data-state=live] .state-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

  .filters { display: inline-flex; flex-wrap: wrap; padding: .18rem; gap: .1rem; border-radius: 10px; background: var(--_raised); }
  .filters button { padding: .22rem .7rem; color: var(--_soft); font-size: .87em; }
  .filters button:hover { color: var(--_text); }
  .filters [aria-pressed=true] { background: var(--_surface); color: var(--_text); font-weight: 600; box-shadow: 0 1px 3px rgb(10 12 30 / .16); }
  .unread { margin-inline-start: .25em; font-variant-numeric: tabular-nums; font-weight: 650; color: var(--_accent); }

  .icon { display: grid; place-items: center; width: 2rem; height: 2rem; color: var(--_soft); }
  .icon:hover { color: var(--_text); background: color-mix(in srgb, var(--_text) 9%, transparent); }
  .icon:disabled { opacity: .4; cursor: default; background: none; }
  .icon::before { content: ""; width: 20px; height: 20px; background: currentColor; clip-path: var(--i); }
  .check { --i: path("M7.6 14.6 3 10l1.3-1.3 3.3 3.3 8.1-8.1L17 5.2z"); }
  .all-read { --i: path("M5.2 14.6.6 10l1.2-1.2 3.4 3.4 7.4-7.4 1.2 1.2zM10.4 14.6l-1.5-1.5 1.2-1.2.3.3 7.4-7.4L19 6z"); }
  .dot { --i: path("M10 5.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 1 0 0-9.6z"); }
  .box { --i: path(evenodd, "M3 3.5h14v3.6H3zM4 8.2h12v8.6H4zM8 10v1.5h4V10z"); }
  .unbox { --i: path(evenodd, "M3 3.5h14v3.6H3zM4 8.2h12v8.6H4zM10 9.2l-3 3h2v2.8h2v-2.8h2z"); }
  .bin { --i: path(evenodd, "M8 2.6h4l.8 1.2h3.6v1.6H3.6V3.8h3.6zM4.6 6.6h10.8l-.8 10.8H5.4zM7.8 8.6l.3 6.6h1.2l-.2-6.6zM10.9 8.6l-.2 6.6h1.2l.3-6.6z"); }

  .body-of-list { flex: 1; min-height: 0; position: relative; display: flex; flex-direction: column; }
  .scroll { flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; overscroll-behavior: contain; overflow-anchor: none; outline-offset: -3px; }
  .items { position: relative; contain: layout style; }
  .item { position: absolute; inset-inline: 0; touch-action: pan-y; outline-offset: -3px; background: var(--_surface); }
  .card { position: relative; display: grid; grid-template-columns: auto minmax(0, 1fr); column-gap: .75rem; padding: .75rem 1.15rem; border-bottom: 1px solid var(--_line); background: var(--_surface); }
  .unread-item .card { background: var(--_unread); }
  .card:hover { background: color-mix(in srgb, var(--_text) 4%, var(--_surface)); }
  .unread-item .card:hover { background: color-mix(in srgb, var(--_accent) 6%, var(--_unread)); }
  .unread-item .card::before { content: ""; position: absolute; top: 1.75rem; inset-inline-start: .35rem; width: .5rem; height: .5rem; border-radius: 50%; background: var(--_accent); }
  .inside .card { padding-inline-start: 2.4rem; }
  .fresh { animation: arrive .45s ease-out; }
  @keyframes arrive { from { opacity: 0; transform: translateY(-.7rem); } }

  .avatar { position: relative; display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%; overflow: hidden; font-size: .84em; font-weight: 650; letter-spacing: .02em; background: light-dark(hsl(var(--hue) 70% 90%), hsl(var(--hue) 38% 27%)); color: light-dark(hsl(var(--hue) 65% 24%), hsl(var(--hue) 85% 88%)); }
  .avatar img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; background: inherit; }
  .inside .avatar { width: 1.9rem; height: 1.9rem; font-size: .7em; }

  .what { min-width: 0; }
  .title, .body { display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }
  .title { -webkit-line-clamp: 4; color: inherit; text-decoration: none; font-weight: 500; text-wrap: pretty; }
  .unread-item .title { font-weight: 640; }
  .title::after { content: ""; position: absolute; inset: 0; cursor: pointer; }
  a.title:hover { text-decoration: underline; text-underline-offset: .18em; }
  .body { -webkit-line-clamp: 3; color: var(--_soft); font-size: .93em; white-space: pre-line; }
  .meta { display: flex; flex-wrap: wrap; align-items: center; gap: .1rem .6rem; color: var(--_soft); font-size: .82em; margin-top: .1rem; }
  .high { color: var(--_bad); font-weight: 650; }
  .more { position: relative; z-index: 1; color: var(--_accent); font-weight: 600; padding: .12rem .4rem; margin-inline-start: -.3rem; }
  .more:hover { background: color-mix(in srgb, var(--_accent) 12%, transparent); }

  .actions { position: absolute; z-index: 1; inset-inline-end: .4rem; bottom: .35rem; display: flex; }
  .actions .icon { width: 1.85rem; height: 2rem; }
  @media (hover: hover) and (min-width: 30.01rem) {
    .actions { border-radius: 9px; background: var(--_surface); box-shadow: 0 0 0 1px var(--_line); opacity: 0; }
    .item:hover .actions, .item:focus-within .actions { opacity: 1; }
  }
  @media (hover: none), (max-width: 30rem) {
    .actions .icon { width: 2.4rem; }
    .meta { padding-inline-end: 7.2rem; min-height: 2rem; }
  }

  .item::before { position: absolute; inset: 0; display: flex; align-items: center; padding: 0 1.2rem; color: var(--_on-accent); font-weight: 650; }
  .item[data-moving] { background: var(--_soft); overflow: hidden; }
  .item[data-swipe]::before { background: var(--_accent); }
  .item[data-swipe=read]::before { content: attr(data-read); }
  .item[data-swipe=archive]::before { content: attr(data-archive); justify-content: end; }
  .item[data-swipe=remove]::before { content: attr(data-remove); justify-content: end; background: var(--_bad); }

  .pill { position: absolute; z-index: 3; top: .6rem; left: 50%; transform: translateX(-50%); padding: .34rem 1rem; border-radius: 2rem; background: var(--_accent); color: var(--_on-accent); font-size: .87em; font-weight: 650; box-shadow: 0 4px 14px rgb(10 12 30 / .28); }
  .toast { position: absolute; z-index: 3; bottom: .8rem; inset-inline: .8rem; margin: auto; width: fit-content; max-width: calc(100% - 1.6rem); display: flex; gap: .9rem; align-items: center; padding: .5rem 1rem; border-radius: 11px; background: light-dark(#1d2138, #edeef8); color: light-dark(#fff, #14172b); font-size: .92em; box-shadow: 0 6px 22px rgb(10 12 30 / .3); min-height: 2.6rem; }
  .undo { font-weight: 680; padding: .2rem .6rem; color: light-dark(#b9baff, #4338ca); }

  .skeleton i { display: block; height: 4.75rem; border-bottom: 1px solid var(--_line); background: linear-gradient(var(--_raised) 0 0) 4.4rem 1.1rem / 55% .8rem no-repeat, linear-gradient(var(--_raised) 0 0) 4.4rem 2.4rem / 35% .7rem no-repeat, radial-gradient(circle at 2.4rem 50%, var(--_raised) 1.2rem, transparent 1.25rem); animation: wait 1.4s ease-in-out infinite alternate; }
  @keyframes wait { to { opacity: .45; } }
  .empty { display: grid; gap: .25rem; justify-items: center; text-align: center; padding: 3.5rem 1.5rem; color: var(--_soft); overflow-wrap: anywhere; }
  .empty strong { color: var(--_text); font-size: 1.05em; }
  .empty button { margin-top: .6rem; padding: .4rem 1rem; border: 1px solid var(--_line); }

  @media (prefers-reduced-motion: reduce) { .fresh, .skeleton i { animation: none; } }
  @media (forced-colors: active) { .icon::before { background: ButtonText; forced-color-adjust: none; } .unread-item .card::before { background: Highlight; forced-color-adjust: none; } }
  :host(:dir(rtl)) .skeleton i { transform: scaleX(-1); }
`];
