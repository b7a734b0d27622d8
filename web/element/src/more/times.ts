/** A time that a notification is snoozed until, by the name of its word. */
export interface SnoozeTime { readonly word: 'later' | 'tomorrow' | 'nextWeek'; readonly at: Date }

const hour = 3_600_000, minute = 60_000;

/**
 * What is offered, by the clock of the person's zone:
 * later today is 3 hours ahead, at the nearest half hour, and left out past 21:00; tomorrow morning is 8:00 of the next day; next week is 8:00 of the next
 * Monday, and left out on a Sunday, whose tomorrow that is. Days are counted in the parts of a date and not in hours: one with a change of summer time has
 * 23 or 25. The half hour is reached by adding to the instant: a time that a zone has twice would otherwise be taken for its first.
 */
export function snoozeTimes(now: Date): SnoozeTime[] {
  const soon = new Date(+now + 3 * hour), past = soon.getMinutes() * minute + soon.getSeconds() * 1000 + soon.getMilliseconds();
  const later = new Date(+soon - past + Math.round(past / minute / 30) * 30 * minute);
  const morning = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 8);
  const toMonday = (8 - now.getDay()) % 7 || 7;
  return [
    ...(later.getDate() === now.getDate() && later.getHours() * 60 + later.getMinutes() <= 21 * 60 ? [{ word: 'later', at: later } as const] : []),
    { word: 'tomorrow', at: morning(1) },
    ...(toMonday > 1 ? [{ word: 'nextWeek', at: morning(toMonday) } as const] : []),
  ];
}

/** As an input of kind `datetime-local` has it: the zone's own clock, to the minute. */
export function toLocalInput(date: Date): string {
  const two = (part: number) => `${part}`.padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
