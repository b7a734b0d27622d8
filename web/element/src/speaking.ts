interface Bid { readonly key: string; readonly bid: number }

/** The lowest bid for what is to be said. */
const bids = new Map<string, number>();
let channel: BroadcastChannel | undefined;
const own = Math.random();

function hear({ key, bid }: Bid): void {
  if (!bids.has(key)) setTimeout(() => bids.delete(key), 10_000);
  bids.set(key, Math.min(bid, bids.get(key) ?? bid));
}

/** Pages of one origin that show an inbox hear each other's bids from now on. */
export function listen(): void {
  if (channel || !globalThis.BroadcastChannel) return;
  channel = new BroadcastChannel('orleans-inbox speaks');
  channel.onmessage = ({ data }) => hear(data);
}

function offer(key: string, bid: number): void {
  hear({ key, bid });
  channel?.postMessage({ key, bid });
}

/** Nobody is to say it: the person sees it, or somebody said it. */
export const silence = (key: string): void => offer(key, 0);

/** Says it in one of all pages that want to, whichever holds the connection; one that was clicked first, since browsers let no other make sounds. */
export function speak(key: string, say: () => void): void {
  const bid = own + +!navigator.userActivation?.hasBeenActive;
  offer(key, bid);
  setTimeout(() => {
    if (bids.get(key) !== bid) return;
    silence(key);
    say();
  }, 200);
}
