import type { Item } from '@orleans-inbox/client';
import { leadsAway, safeLink } from './safe.js';

/** `(3) Title`, and the title as it was once there is nothing new. */
export function showInTitle(count: number): void {
  const plain = document.title.replace(/^\(\d+\) /, '');
  const title = (count ? `(${count}) ` : '') + plain;
  if (document.title !== title) document.title = title;
}

let plainIcon: string | undefined, iconCount = 0;

/** A dot on the page's own icon; a dot alone where the icon cannot be read. */
export async function showInIcon(count: number): Promise<void> {
  iconCount = count;
  const link = document.querySelector<HTMLLinkElement>('link[rel~=icon]') ?? document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'icon' }));
  plainIcon ??= link.href;
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
  image.src = plainIcon;
  const drawn = count ? await image.decode().then(() => draw(image)).catch(() => draw()) : plainIcon || 'data:,';
  // What was asked for while the picture came is newer.
  if (count === iconCount) link.href = drawn;
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

/** The system's own notification, when the person allowed it and looks elsewhere. */
export function tellDesktop({ title, body = '', id, url }: Item): void {
  try {
    if (Notification.permission !== 'granted' || document.hasFocus()) return;
    const link = safeLink(url);
    new Notification(title, { body, tag: id }).onclick = () => {
      window.focus();
      if (link) open(link, leadsAway(link) ? '_blank' : '_self');
    };
  } catch { /* some browsers only let service workers do it */ }
}

export function askForDesktop(): void {
  if (globalThis.Notification?.permission === 'default') void Notification.requestPermission();
}
