import type { Item } from '@orleans-inbox/client';
import { safeLink } from './safe.js';

/** `(3) Title`, and the title as it was once there is nothing new. */
export function showInTitle(count: number): void {
  const plain = document.title.replace(/^\(\d+\+?\) /, '');
  const title = count ? `(${count > 99 ? '99+' : count}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
}

let plainIcon: string | null | undefined;

/** A dot on the page's own icon; a dot alone where the icon cannot be read. */
export async function showInIcon(count: number): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>('link[rel~=icon]') ?? document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'icon' }));
  plainIcon ??= link.getAttribute('href') ?? '';
  if (!count) { link.href = plainIcon || 'data:,'; return; }
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
  const pen = canvas.getContext('2d')!;
  try {
    const image = new Image();
    image.src = plainIcon;
    await image.decode();
    pen.drawImage(image, 0, 0, 64, 64);
    pen.getImageData(0, 0, 1, 1); // throws when the picture is another origin's
  } catch {
    canvas.width = 64;
  }
  pen.fillStyle = '#e11d48';
  pen.arc(46, 18, 18, 0, 7);
  pen.fill();
  link.href = canvas.toDataURL();
}

let audio: AudioContext | undefined;

/** Two short soft tones; silent until the page may make sounds. */
export function chime(): void {
  try {
    audio ??= new AudioContext();
    if (audio.state !== 'running') return void audio.resume();
    [660, 880].forEach((pitch, at) => {
      const [tone, gain, start] = [audio!.createOscillator(), audio!.createGain(), audio!.currentTime + at * 0.12];
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.08, start);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
      tone.connect(gain).connect(audio!.destination);
      tone.start(start);
      tone.stop(start + 0.25);
    });
  } catch { /* a page without sound still has the row */ }
}

/** The system's own notification, when the person allowed it and looks elsewhere. */
export function tellDesktop(item: Item): void {
  try {
    if (Notification.permission !== 'granted' || document.hasFocus()) return;
    const shown = new Notification(item.title, { body: item.body ?? '', tag: item.id });
    shown.onclick = () => {
      window.focus();
      shown.close();
      const link = safeLink(item.url);
      if (link) open(link, '_self');
    };
  } catch { /* some browsers only let service workers do it */ }
}

export function askForDesktop(): void {
  if (globalThis.Notification?.permission === 'default') void Notification.requestPermission();
}
