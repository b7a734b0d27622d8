export const snoozeStyles = /* css */ `
  .menu { position: fixed; inset: auto; margin: 0; padding: .4rem; width: 18rem; max-width: calc(100vw - 16px); border: 1px solid var(--_line); border-radius: 10px; background: var(--_surface); color: inherit; box-shadow: var(--_shadow); }
  .menu button { display: flex; gap: .75rem; width: 100%; padding: .4rem .6rem; min-height: 2rem; text-align: start; }
  .menu button:hover { background: var(--_hover); }
  .menu button span { margin-inline-start: auto; color: var(--_soft); font-size: .92em; }
  .menu form { display: grid; gap: .4rem; margin-top: .4rem; padding: .6rem; border-top: 1px solid var(--_line); }
  .menu label { display: grid; gap: .2rem; font-size: .92em; color: var(--_soft); }
  .menu input { position: static; width: 100%; padding: .3rem .6rem; border: 1px solid var(--_soft); color: var(--_text); font-size: 1rem; }
  .menu form button { justify-content: center; width: auto; background: var(--_accent); color: var(--_on-accent); font-weight: 650; }
  .menu form button:hover { background: var(--_accent); text-decoration: underline; }
`;

export const preferencesStyles = /* css */ `
  :host { display: block; padding: 1rem; background: var(--_surface); }
  form { display: grid; gap: 1rem; max-width: 40rem; }
  fieldset { min-width: 0; margin: 0; padding: .6rem 1rem; border: 1px solid var(--_line); border-radius: 10px; }
  legend { padding: 0 .4rem; font-weight: 650; }
  p, ul { margin: .2rem 0; padding: 0; }
  .hint, .note { color: var(--_soft); font-size: .92em; }
  .line { display: flex; align-items: center; gap: .6rem; min-height: 2rem; overflow-wrap: anywhere; }
  li { justify-content: space-between; margin-top: .4rem; }
  table { width: 100%; border-collapse: collapse; }
  th { padding: .3rem 0; font-weight: 500; text-align: start; overflow-wrap: anywhere; }
  thead th { color: var(--_soft); font-size: .86em; }
  td, th:not(:first-child) { width: 1%; padding-inline: .4rem; text-align: center; }
  input[type=checkbox] { width: 1.2rem; height: 1.2rem; margin: 0; flex: none; accent-color: var(--_accent); }
  .fields { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: .4rem; }
  .field { flex: 1 1 8rem; min-width: 0; }
  .field label { display: grid; gap: .2rem; font-size: .92em; color: var(--_soft); }
  .field input { width: 100%; padding: .3rem .6rem; border: 1px solid var(--_soft); color: var(--_text); font-size: 1rem; }
  .field [aria-invalid=true] { border-color: var(--_bad); }
  .bad { color: var(--_bad); font-size: .92em; }
  .end { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; }
  .button { padding: .3rem .75rem; min-height: 2rem; border: 1px solid var(--_line); }
  .button:hover { border-color: currentColor; }
  .save { background: var(--_accent); color: var(--_on-accent); font-weight: 650; }
  .save[aria-disabled=true] { background: none; color: var(--_soft); cursor: default; }
`;

export const followStyles = /* css */ `
  :host { display: inline-flex; flex-wrap: wrap; align-items: center; gap: .6rem; vertical-align: middle; }
  p { margin: 0; }
  p, .note { border-radius: 10px; background: var(--_surface); color: var(--_soft); font-size: .92em; }
  .button { padding: .3rem .75rem; min-height: 2rem; border: 1px solid var(--_line); background: var(--_surface); }
  .button:hover { border-color: currentColor; }
  [aria-pressed] { font-weight: 650; }
  [aria-pressed=false] { background: var(--_accent); color: var(--_on-accent); }
  [aria-disabled=true] { background: var(--_raised); color: var(--_soft); cursor: default; }
`;

/** Once for each root. */
export function adopt(root: ShadowRoot, styles: string): void {
  const known = sheets.get(styles) ?? new CSSStyleSheet();
  if (!sheets.has(styles)) known.replaceSync(styles);
  sheets.set(styles, known);
  if (!root.adoptedStyleSheets.includes(known)) root.adoptedStyleSheets.push(known);
}

const sheets = new Map<string, CSSStyleSheet>();
