import type { Item } from '@orleans-inbox/client';

/** Titles as they were written here, with the page's own that each was made of: nothing is read out of a title. */
const titles = new Map<string, string>();
let titleCount = 0;

/** `(3) Title`, and the title as it was once there is nothing new. */
export function showInTitle(count: number): void {
  titleCount = count;
  watchHead();
  const own = titles.get(document.title) ?? document.title;
  const title = `${count ? `(${count}) ` : ''}${own}`.trim();
  if (document.title === title) return;
  document.title = title;
  if (titles.size > 99) titles.clear();
  titles.set(title, own);
}

const icon = 'link[rel~=icon]';
let ownIcon = '', shownIcon: string | undefined, iconCount = 0;

/** A dot on the page's own icon; a dot alone where the icon cannot be read. */
export async function showInIcon(count: number): Promise<void> {
  iconCount = count;
  watchHead();
  const link = document.querySelector<HTMLLinkElement>(icon) ?? document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'icon' }));
  if (link.href !== shownIcon) ownIcon = shownIcon = link.href;
  const own = ownIcon;
  const draw = (image?: HTMLImageElement): string => {
    const canvas = document.createElement('canvas'), pen = canvas.getContext('2d')!;
    canvas.width = canvas.height = 64;
    if (image) pen.drawImage(image, 0, 0, 64, 64);
    pen.fillStyle = '#e11d48';
    pen.arc(46, 18, 18, 0, 7);
    pen.fill();
    return canvas.toDataURL(); // throws when the picture is another origin's
  };
  const image = new Image();
  image.src = own;
  const drawn = count ? await image.decode().then(() => draw(image)).catch(() => draw()) : own || 'data:,';
  // What was asked for, or set by the page, while the picture came is newer.
  if (count === iconCount && own === ownIcon) link.href = shownIcon = drawn;
}

let head: MutationObserver | undefined;

/** Title and icon stay the page's to change, as a router does: what is new is added to what it sets. */
function watchHead(): void {
  if (head) return;
  head = new MutationObserver(() => {
    if (titleCount) showInTitle(titleCount);
    if (iconCount && document.querySelector<HTMLLinkElement>(icon)?.href !== shownIcon) void showInIcon(iconCount);
  });
  head.observe(document.head, { childList: true, subtree: true, characterData: true, attributeFilter: ['href'] });
}

let audio: AudioContext | undefined;

/** A short soft tone; silent until the page may make sounds. */
export function chime(): void {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    const tone = audio.createOscillator(), gain = audio.createGain();
    gain.gain.value = 0.06;
    tone.connect(gain).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.15);
  } catch { /* a page without sound still has the row */ }
}

/** The system's own notification, when the person allowed it: of one, or of several at once. */
export function tellDesktop([item, ...more]: readonly Item[], summary: string, opened: () => void): Notification | undefined {
  try {
    if (Notification.permission !== 'granted') return;
    const notice = new Notification(more.length ? summary : item!.title, { body: more.length ? [item!, ...more.slice(0, 2)].map(({ title }) => title).join('\n') : item!.body ?? '', tag: item!.id });
    notice.onclick = () => {
      window.focus();
      opened();
    };
    return notice;
  } catch { /* some browsers only let service workers do it */ }
}

export function askForDesktop(): void {
  if (globalThis.Notification?.permission === 'default') void Notification.requestPermission();
}
