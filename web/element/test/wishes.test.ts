import type { Preferences } from '@orleans-inbox/client';
import { describe, expect, it } from 'vitest';
import { errorsAt, isFixed, isOff, withType } from '../src/more/wishes.js';

const empty: Preferences = { mute: { types: [], groups: [], topics: [] }, quiet: null, channels: {} };

describe('what is switched off', () => {
  it.each([
    ['comment.*', 'comment.reply', true], ['comment.*', 'comment.*', true], ['comment.*', 'comment', false], ['comm*', 'comment.*', true], ['*', 'comment', true],
    ['comment', 'comment', true], ['comment', 'comment.reply', false], ['comment.reply', 'comment.*', false],
  ])('%s and %s: %s', (pattern, type, off) => {
    expect(isOff([pattern], type)).toBe(off);
    expect(isFixed([pattern], type)).toBe(off && pattern !== type); // by another box than its own
  });

  it('and on again is as it was, and every other list stays the same', () => {
    const muted = withType(empty, 'a', false), both = withType(withType(muted, 'b', false, 'email'), 'b', false, 'sms');
    expect(both).toEqual({ ...empty, mute: { ...empty.mute, types: ['a'] }, channels: { email: { off: ['b'] }, sms: { off: ['b'] } } });
    expect(withType(both, 'b', true, 'email').channels).toEqual({ sms: { off: ['b'] } });
    expect(withType(muted, 'a', true)).toEqual(empty);
  });
});

it('what is wrong stands at its field, and at what it is within', () => {
  const errors = { 'quiet.from': ['A.', 'B.'], quiet: ['C.'], 'mute.types[2]': ['D.'], quietest: ['E.'] };
  expect(['quiet.from', 'quiet', 'mute', 'mute.types', 'channels'].map(field => errorsAt(errors, field))).toEqual(['A. B.', 'A. B. C.', 'D.', 'D.', '']);
});
