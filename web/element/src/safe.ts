/** The link when it may be followed: http, https, or a path of this site. */
export function safeLink(url: unknown): string | undefined {
  if (typeof url !== 'string' || /[\0-\x20\\]/.test(url)) return;
  return /^\/(?!\/)/.test(url) || (/^https?:\/\//i.test(url) && URL.canParse(url)) ? url : undefined;
}

/** Whether a link leads away from the page's own origin. */
export const leadsAway = (link: string): boolean => new URL(link, document.baseURI).origin !== location.origin;

/** Up to two letters, as people count letters (graphemes), that stand for a name, and a colour that stays its own. */
export function initials(name: string): [letters: string, hue: number] {
  let hue = 0;
  const words: string[][] = [[]];
  for (const { segment } of new Intl.Segmenter().segment(name)) {
    hue = (hue * 31 + segment.codePointAt(0)!) % 360;
    if (/[\p{L}\p{N}\p{Extended_Pictographic}\p{RI}]/u.test(segment)) words.at(-1)!.push(segment);
    else words.push([]);
  }
  const [first = ['?'], second] = words.filter(word => word[0]);
  // A letter without a capital of its own (`ß`) stays as it is: its capitals are two.
  const capital = (letter = '') => letter.toUpperCase().length > letter.length ? letter : letter.toUpperCase();
  return [capital(first[0]) + capital((second ?? first.slice(1))[0]), hue];
}
