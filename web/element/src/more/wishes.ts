import type { Preferences } from '@orleans-inbox/client';

/** Whether a type, or a narrower pattern, is among what a pattern stands for: with `*` at its end for all that begin so. */
const covers = (pattern: string, type: string): boolean => pattern === type || (pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1)));

/** What a box shows of a list of types that are not wanted. */
export const isOff = (off: readonly string[], type: string): boolean => off.some(pattern => covers(pattern, type));

/** Another pattern switches it off too: it has a box of its own, and this one cannot be switched on. */
export const isFixed = (off: readonly string[], type: string): boolean => off.some(pattern => pattern !== type && covers(pattern, type));

const without = (list: readonly string[], one: string) => list.filter(other => other !== one);
const changed = (off: readonly string[], type: string, isOn: boolean) => isOn ? without(off, type) : [...off, type];

/** The types of a channel that are not sent by it. */
export const offOf = ({ channels }: Preferences, channel: string): readonly string[] => channels[channel]?.off ?? [];

/** The wishes after a box was used. @param channel undefined for the inbox itself */
export function withType(wishes: Preferences, type: string, isOn: boolean, channel?: string): Preferences {
  if (channel === undefined) return { ...wishes, mute: { ...wishes.mute, types: changed(wishes.mute.types, type, isOn) } };
  const { [channel]: _, ...others } = wishes.channels, off = changed(offOf(wishes, channel), type, isOn);
  return { ...wishes, channels: off.length ? { ...others, [channel]: { off } } : others };
}

export const withoutGroup = (wishes: Preferences, group: string): Preferences => ({ ...wishes, mute: { ...wishes.mute, groups: without(wishes.mute.groups, group) } });

/** The sentences of a field, and of what is within it (`mute.types[0]` of `mute.types`). */
export const errorsAt = (errors: Readonly<Record<string, readonly string[]>>, field: string): string =>
  Object.entries(errors).flatMap(([name, sentences]) => name === field || (name.startsWith(field) && /[.[]/.test(name[field.length]!)) ? sentences : []).join(' ');
