import type { Preferences, StoredPreferences } from './contract.js';
import { problem } from './errors.js';

interface ChannelPreference { readonly channel: string; readonly off: readonly string[] }

/** The API's preferences with `channels` as a list: GraphQL has no maps. */
export interface PreferencesInput extends Pick<Preferences, 'mute'> {
  readonly quiet?: Preferences['quiet'];
  readonly channels: readonly ChannelPreference[];
}

export interface PreferencesView extends PreferencesInput { readonly etag: string }

export function fromPreferences({ stored: { mute, quiet, channels }, etag }: StoredPreferences): PreferencesView {
  return { mute, quiet, channels: Object.entries(channels).map(([channel, { off }]) => ({ channel, off })), etag };
}

/** @throws BAD_USER_INPUT when a channel is there twice: a map would keep the last one */
export function toPreferences({ mute, quiet = null, channels }: PreferencesInput): Preferences {
  const names = channels.map(({ channel }) => channel);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw problem('BAD_USER_INPUT', 'The request is not valid.', { errors: { [`channels.${twice}`]: ['Must be there once.'] } });
  return { mute, quiet, channels: Object.fromEntries(channels.map(({ channel, off }) => [channel, { off }])) };
}
