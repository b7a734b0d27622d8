// The second file, loaded when it is first used. Of the rest it imports nothing but types: what it needs it is given.
import type { shared } from '../more.js';
import { openFollow } from './follow.js';
import { openPreferences } from './preferences.js';
import { share } from './shared.js';
import { openSnoozeMenu } from './snooze.js';

export function openMore(all: typeof shared) {
  share(all);
  return { _snooze: openSnoozeMenu, _preferences: openPreferences, _follow: openFollow };
}
