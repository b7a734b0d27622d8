/** Colours and what both elements share. The page's `color-scheme` decides between light and dark; every value can be set from outside. */
export const theme = /* css */ `
  :host {
    --_surface: var(--inbox-surface, light-dark(#fff, #171a2e));
    --_raised: var(--inbox-raised, light-dark(#f4f5fa, #22263f));
    --_line: var(--inbox-line, light-dark(#e4e6ef, #2c3150));
    --_text: var(--inbox-text, light-dark(#14172b, #edeef8));
    --_soft: var(--inbox-soft, light-dark(#565c74, #a9afca));
    --_accent: var(--inbox-accent, light-dark(#4f46e5, #9a9bff));
    --_on-accent: var(--inbox-on-accent, light-dark(#fff, #0e1020));
    --_unread: var(--inbox-unread, light-dark(#f3f4ff, #1f2344));
    --_bad: var(--inbox-bad, light-dark(#be123c, #fb7185));
    --_hover: color-mix(in srgb, var(--_text) 8%, transparent);
    --_shadow: 0 4px 24px #0a0c1e38;
    font: var(--inbox-font, 15px/1.45 system-ui, "Segoe UI", Roboto, sans-serif);
    color: var(--_text);
    text-align: start;
  }
  :host([theme=light]) { color-scheme: light; }
  :host([theme=dark]) { color-scheme: dark; }
  :host([hidden]), [hidden] { display: none !important; }
  * { box-sizing: border-box; }
  button, input { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; border-radius: 10px; }
  :focus-visible { outline: 2.5px solid var(--_accent); outline-offset: 1px; }
  .heading { font-size: 1.07em; font-weight: 650; }
  .announce, [data-state=live] .state-text { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
  .icon { display: grid; place-items: center; width: 2rem; height: 2rem; color: var(--_soft); }
  .icon:hover { color: var(--_text); background: var(--_hover); }
  .icon:disabled { opacity: .4; }
  .icon::before { content: ""; width: 20px; height: 20px; background: currentColor; clip-path: var(--i); }
  @keyframes open { from { opacity: 0; transform: translateY(-6px); } }
  @media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
  @media (forced-colors: active) {
    .icon::before, .state::before, .card::before { background: ButtonText !important; forced-color-adjust: none; }
    .badge, .pill, .toast, [aria-pressed=true] { border: 1px solid !important; }
  }
`;
