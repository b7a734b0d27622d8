/** Initials on a colour of their own; remote pictures would tell their host who reads what. */
export function paintAvatar(target, name) {
  let hue = 0;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  const words = name.split(/[\s._\-]+/).filter(Boolean);
  const initials = words.length > 1 ? [...words[0]][0] + [...words[1]][0] : [...(words[0] ?? '?')].slice(0, 2).join('');
  target.textContent = initials.toUpperCase();
  target.style.setProperty('--hue', hue);
}
