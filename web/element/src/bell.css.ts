import { theme } from './theme.css.js';

export const bellStyles = theme + /* css */ `
  :host { display: inline-flex; align-items: center; vertical-align: middle; position: relative; }
  .bell { position: relative; flex: none; display: grid; place-items: center; width: 2.6em; height: 2.6em; border-radius: 50%; color: var(--inbox-bell, var(--_soft)); }
  .bell:hover, :host([open]) .bell { background: var(--_hover); }
  svg, ::slotted([slot=icon]) { width: 1.6em; height: 1.6em; fill: currentColor; }
  .badge { position: absolute; top: -.05em; inset-inline-start: 52%; min-width: 1.6em; padding: 0 .4em; border-radius: 1em; background: var(--inbox-badge, #d0103c); color: #fff; font-size: .7em; font-weight: 700; line-height: 1.6; box-shadow: 0 0 0 2px var(--_surface); }
  .panel { position: fixed; inset: auto; margin: 0; padding: 0; width: min(26.5rem, 100vw - 16px); border: 1px solid var(--_line); border-radius: var(--inbox-radius, 14px); background: var(--_surface); color: inherit; overflow: hidden; box-shadow: var(--_shadow); }
  .panel:popover-open { animation: open .16s; }
  inbox-list { height: min(var(--inbox-height, 36rem), var(--room, 80vh)); }
  .close { --i: path("M5 4 10 9l5-5 1 1-5 5 5 5-1 1-5-5-5 5-1-1 5-5-5-5z"); }
  @media (max-width: 30rem) {
    .panel { inset: 0 !important; width: 100%; height: 100dvh; border: 0; border-radius: 0; }
    inbox-list { height: 100%; }
  }
`;
