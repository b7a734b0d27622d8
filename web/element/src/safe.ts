/** The link when it may be followed: http, https, or a path of this site. */
export function safeLink(url: unknown): string | undefined {
  if (typeof url !== 'string' || /[\0-\x20\\]/.test(url)) return;
  return /^\/(?!\/)/.test(url) || (/^https?:\/\//i.test(url) && URL.canParse(url)) ? url : undefined;
}

/** Up to two letters that stand for a name, and a colour that stays its own. */
export function initials(name: string): [letters: string, hue: number] {
  let hue = 0;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)!) % 360;
  const words = name.split(/[^\p{L}\p{N}\p{Extended_Pictographic}]+/u).filter(Boolean);
  const letters = words.length > 1 ? [...words[0]!][0]! + [...words[1]!][0]! : [...(words[0] ?? '?')].slice(0, 2).join('');
  return [letters.toUpperCase(), hue];
}
