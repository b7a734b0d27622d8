import { afterAll, describe, expect, it } from 'vitest';
import { snoozeTimes, toLocalInput } from '../src/more/times.js';

const own = process.env.TZ;
afterAll(() => { if (own === undefined) delete process.env.TZ; else process.env.TZ = own; });

/** What is offered at a time of the zone's clock, by that clock, and as instants. */
function offered(zone: string, now: string): [clock: string, instants: string[]] {
  process.env.TZ = zone;
  const times = snoozeTimes(new Date(now));
  return [times.map(({ word, at }) => `${word} ${toLocalInput(at)}`).join(', '), times.map(({ at }) => at.toISOString())];
}

describe('what a snooze offers', () => {
  it.each([
    ['a Monday: next week is a week ahead', 'Europe/Berlin', '2026-11-30T10:10:20', 'later 2026-11-30T13:00, tomorrow 2026-12-01T08:00, nextWeek 2026-12-07T08:00'],
    ['a quarter past is nearer to half past', 'Europe/Berlin', '2026-12-02T10:15:00', 'later 2026-12-02T13:30, tomorrow 2026-12-03T08:00, nextWeek 2026-12-07T08:00'],
    ['the last one today', 'Europe/Berlin', '2026-12-02T18:14:59', 'later 2026-12-02T21:00, tomorrow 2026-12-03T08:00, nextWeek 2026-12-07T08:00'],
    ['past 21:00 there is none', 'Europe/Berlin', '2026-12-02T18:15:00', 'tomorrow 2026-12-03T08:00, nextWeek 2026-12-07T08:00'],
    ['nor one that is tomorrow', 'Europe/Berlin', '2026-12-02T22:00:00', 'tomorrow 2026-12-03T08:00, nextWeek 2026-12-07T08:00'],
    ['after midnight tomorrow is the next day', 'Europe/Berlin', '2026-12-03T00:20:00', 'later 2026-12-03T03:30, tomorrow 2026-12-04T08:00, nextWeek 2026-12-07T08:00'],
    ['a Saturday', 'Europe/Berlin', '2026-12-05T12:00:00', 'later 2026-12-05T15:00, tomorrow 2026-12-06T08:00, nextWeek 2026-12-07T08:00'],
    ['a Sunday, whose tomorrow is next week', 'Europe/Berlin', '2026-12-06T12:00:00', 'later 2026-12-06T15:00, tomorrow 2026-12-07T08:00'],
    ['the end of a year', 'America/New_York', '2026-12-31T12:00:00', 'later 2026-12-31T15:00, tomorrow 2027-01-01T08:00, nextWeek 2027-01-04T08:00'],
    ['a zone whose hours begin at a quarter of ours', 'Asia/Kathmandu', '2026-12-02T10:01:00', 'later 2026-12-02T13:00, tomorrow 2026-12-03T08:00, nextWeek 2026-12-07T08:00'],
  ])('on %s', (_, zone, now, wanted) => expect(offered(zone, now)[0]).toBe(wanted));

  it('is by the clock when summer time begins: the night has an hour less', () => {
    expect(offered('Europe/Berlin', '2026-03-28T12:00:00')).toEqual([
      'later 2026-03-28T15:00, tomorrow 2026-03-29T08:00, nextWeek 2026-03-30T08:00', ['2026-03-28T14:00:00.000Z', '2026-03-29T06:00:00.000Z', '2026-03-30T06:00:00.000Z'],
    ]);
    // 3 hours that pass, of which the clock leaves out one.
    expect(offered('Europe/Berlin', '2026-03-29T00:30:00')[0]).toMatch(/^later 2026-03-29T04:30,/);
  });

  it('is by the clock when it ends: the night has an hour more, and the same time comes twice', () => {
    expect(offered('Europe/Berlin', '2026-10-24T12:00:00')[1]).toEqual(['2026-10-24T13:00:00.000Z', '2026-10-25T07:00:00.000Z', '2026-10-26T07:00:00.000Z']);
    expect(offered('Europe/Berlin', '2026-10-25T00:10:00')).toEqual(['later 2026-10-25T02:00, tomorrow 2026-10-26T08:00', ['2026-10-25T01:00:00.000Z', '2026-10-26T07:00:00.000Z']]);
  });
});
