import type { MoreWords } from './more/words.js';

/** What the elements say, in English and Korean. `{n}` stands for a number or a title. What the second file says is there. */
const built = {
  inbox: ['Notifications', '알림'],
  all: ['All', '전체'],
  unread: ['Unread', '안 읽음'],
  archived: ['Archived', '보관함'],
  allRead: ['Mark all read', '모두 읽음으로 표시'],
  search: ['Search', '검색'],
  read: ['Mark read', '읽음으로 표시'],
  unreadAgain: ['Mark unread', '안 읽음으로 표시'],
  archive: ['Archive', '보관'],
  unarchive: ['Unarchive', '보관 해제'],
  snooze: ['Snooze', '다시 알림'],
  snoozed: ['Snoozed before', '다시 알린 알림'],
  remove: ['Delete', '삭제'],
  undo: ['Undo', '실행 취소'],
  didArchive: ['Archived', '보관했습니다'],
  didUnarchive: ['Back in the inbox', '받은 알림으로 옮겼습니다'],
  didRemove: ['Deleted', '삭제했습니다'],
  didReadAll: ['All read', '모두 읽었습니다'],
  refused: ['That could not be saved', '저장하지 못했습니다'],
  chosen: ['Something else was chosen before', '이미 다른 선택이 저장되어 있습니다'],
  missing: ['This could not be loaded', '이 기능을 불러오지 못했습니다'],
  retry: ['Try again', '다시 시도'],
  close: ['Close', '닫기'],
  fresh: ['{n} new', '새 알림 {n}개'],
  arrived: ['New: {n}', '새 알림: {n}'],
  more: ['{n} more', '{n}개 더 보기'],
  less: ['Show less', '접기'],
  important: ['Important', '중요'],
  now: ['just now', '방금'],
  loading: ['Loading', '불러오는 중'],
  none: ['Nothing here yet', '아직 알림이 없습니다'],
  noneHint: ['New notifications appear here at once.', '새 알림이 오면 바로 표시됩니다.'],
  noneUnread: ['All read', '모두 읽었습니다'],
  noneArchived: ['Nothing archived', '보관한 알림이 없습니다'],
  noneFound: ['Nothing found', '검색 결과 없음'],
  failed: ['The inbox could not be read', '알림을 불러오지 못했습니다'],
  connecting: ['Connecting …', '연결 중…'],
  live: ['Live', '실시간'],
  polling: ['Live updates are slow', '업데이트가 지연되고 있습니다'],
  offline: ['Offline, trying again …', '오프라인, 다시 연결하는 중…'],
  'signed-out': ['Signed out', '로그아웃됨'],
};

type FirstWords = Record<keyof typeof built, string>;
/** All that a page can change. */
export type Words = FirstWords & MoreWords;
/** What the first file says; of the second one's, what the page has given. */
export type Text = FirstWords & Partial<MoreWords>;

const column = (at: number) => Object.fromEntries(Object.entries(built).map(([key, words]) => [key, words[at]])) as FirstWords;

export const english = column(0);
const tables: Record<string, Partial<Words>> = { ko: column(1) };

/** The tag as Intl writes it, `_` taken for `-`; the other one where Intl refuses it. A page's text reaches Intl on no other way. */
export function languageOf(tag: string, other = 'en'): string {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0]!;
  } catch {
    return other;
  }
}

/** Adds a language, or changes words of one; what a table lacks is said in English. */
export function addLanguage(tag: string, words: Partial<Words>): void {
  tag = languageOf(tag, tag);
  tables[tag] = { ...tables[tag], ...words };
}

export function wordsFor(tag: string, own?: Partial<Words>): Text {
  return { ...english, ...(tables[tag] ?? tables[tag.split('-')[0]!]), ...own };
}

/** The number or title in its place. */
export function fill(words: string, n: string | number): string {
  return words.replace('{n}', () => `${n}`);
}

/** Plain numbers: elapsed time is no calendar's `yesterday` or `last year`. */
export const formatOf = (language: string) => new Intl.RelativeTimeFormat(language, { style: 'short' });

const steps = [[60, 'second'], [60, 'minute'], [24, 'hour'], [7, 'day'], [4.35, 'week'], [12, 'month'], [Infinity, 'year']] as const;

export function ago(time: string, format: Intl.RelativeTimeFormat, now: string, clock = Date.now()): string {
  let amount = (clock - Date.parse(time)) / 1000; // a clock that is behind the server's must not speak of the future
  if (!(amount >= 10)) return now;
  for (const [size, unit] of steps) {
    if (amount < size) return format.format(-Math.floor(amount), unit);
    amount /= size;
  }
  return now;
}
