/** What can be taken back for a while. */
export interface Offer {
  readonly _words: string;
  readonly _back: () => void;
  /** What is done once the time is over. */
  readonly _commit?: () => void;
  /** The server takes it back, as the newest mark: over once there is another one. */
  readonly _isNewest?: boolean;
}

/** What is said for a while at the list's lower edge: the last thing that can be taken back, or that something was refused. */
export function openToast(time: () => number, changed: () => void) {
  let offer: Offer | undefined, note = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const commit = (): void => {
    const done = offer;
    offer = undefined;
    done?._commit?.();
    changed();
  };
  const hold = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => { note = ''; commit(); }, time());
  };

  return {
    _words: () => offer?._words ?? note,
    _canUndo: () => !!offer,
    _offer(next: Offer): void {
      commit();
      offer = next;
      note = '';
      hold();
    },
    /** Instead of what could be taken back, which is done now. */
    _say(words: string): void {
      commit();
      note = words;
      hold();
    },
    /** The time to take it back starts anew. */
    _hold: hold,
    /** It can no longer be taken back. */
    _commit: commit,
    /** Another mark was made. */
    _marked(): void {
      if (offer?._isNewest) commit();
    },
    _takeBack(): void {
      offer?._back();
      offer = undefined;
      changed();
    },
  };
}
