import { theme } from './theme.css.js';

export const bellStyles = [theme, /* css */ `
  :host { display: inline-block; position: relative; }
  .bell { position: relative; display: grid; place-items: center; width: 2.6em; height: 2.6em; border-radius: 50%; color: var(--inbox-bell, var(--_soft)); }
  .bell:hover, :host([open]) .bell { background: color-mix(in srgb, var(--_text) 9%, transparent); color: var(--inbox-bell, var(--_text)); }
  svg, ::slotted([slot=icon]) { width: 1.6em; height: 1.6em; fill: currentColor; }
  .badge { position: absolute; top: -.05em; inset-inline-start: 52%; min-width: 1.6em; padding: 0 .4em; border-radius: 1em; background: var(--inbox-badge, #d0103c); color: var(--inbox-on-badge, #fff); font-size: .72em; font-weight: 700; line-height: 1.6; font-variant-numeric: tabular-nums; box-shadow: 0 0 0 2px var(--_surface); }
  .panel { position: fixed; inset: auto; margin: 0; padding: 0; width: min(26.5rem, 100vw - 16px); border: 1px solid var(--_line); border-radius: var(--_radius); background: var(--_surface); color: inherit; overflow: hidden; box-shadow: 0 2px 6px rgb(10 12 30 / .08), 0 18px 48px rgb(10 12 30 / .2); }
  .panel:popover-open { animation: open .16s ease-out; }
  @keyframes open { from { opacity: 0; transform: translateY(-6px) scale(.985); } }
  inbox-list { height: min(var(--inbox-height, 36rem), var(--room, 80vh)); }
  .close { display: grid; place-items: center; width: 2rem; height: 2rem; color: var(--_soft); }
  .close:hover { background: var(--_raised); color: var(--_text); }
  .close::before { content: ""; width: 20px; height: 20px; background: currentColor; clip-path: path("M5 3.6 10 8.6l5-5L16.4 5l-5 5 5 5-1.4 1.4-5-5-5 5L3.6 15l5-5-5-5z"); }
  @media (max-width: 30rem) {
    .panel { inset: 0 !important; width: 100%; height: 100dvh; max-height: none; max-width: none; border: 0; border-radius: 0; }
    inbox-list { height: 100%; }
  }
  @media (prefers-reduced-motion: reduce) { .panel:popover-open { animation: none; } }
  @media (forced-colors: active) { .close::before { background: ButtonText; forced-color-adjust: none; } .badge { border: 1px solid; } }
`];
