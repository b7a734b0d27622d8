/** What the elements say. `{n}` stands for a number or a title. */
export const english = {
  inbox: 'Notifications', all: 'All', unread: 'Unread', archived: 'Archived', allRead: 'Mark all read',
  read: 'Mark read', unreadAgain: 'Mark unread', archive: 'Archive', unarchive: 'Unarchive', remove: 'Delete',
  undo: 'Undo', didArchive: 'Archived', didUnarchive: 'Back in the inbox', didRemove: 'Deleted', refused: 'That could not be saved', retry: 'Try again', close: 'Close',
  fresh: '{n} new', arrived: 'New: {n}', more: '{n} more', less: 'Show less', important: 'Important', unreadItem: 'Unread: {n}', now: 'just now', loading: 'Loading',
  none: 'Nothing here yet', noneHint: 'New notifications appear here at once.', noneUnread: 'All read', noneArchived: 'Nothing archived', failed: 'The inbox could not be read',
  connecting: 'Connecting …', live: 'Live', polling: 'Live updates are slow', offline: 'Offline, trying again …', 'signed-out': 'Signed out',
};

export type Words = typeof english;

const tables: Record<string, Partial<Words>> = {
  ko: {
    inbox: '알림', all: '전체', unread: '안 읽음', archived: '보관함', allRead: '모두 읽음으로 표시',
    read: '읽음으로 표시', unreadAgain: '안 읽음으로 표시', archive: '보관', unarchive: '보관 해제', remove: '삭제',
    undo: '실행 취소', didArchive: '보관했습니다', didUnarchive: '받은 알림으로 옮겼습니다', didRemove: '삭제했습니다', refused: '저장하지 못했습니다', retry: '다시 시도', close: '닫기',
    fresh: '새 알림 {n}개', arrived: '새 알림: {n}', more: '{n}개 더 보기', less: '접기', important: '중요', unreadItem: '안 읽음: {n}', now: '방금', loading: '불러오는 중',
    none: '아직 알림이 없습니다', noneHint: '새 알림이 오면 바로 표시됩니다.', noneUnread: '모두 읽었습니다', noneArchived: '보관한 알림이 없습니다', failed: '알림을 불러오지 못했습니다',
    connecting: '연결 중…', live: '실시간', polling: '업데이트가 지연되고 있습니다', offline: '오프라인, 다시 연결하는 중…', 'signed-out': '로그아웃됨',
  },
};

/** Adds a language, or changes words of one; what a table lacks is said in English. */
export function addLanguage(tag: string, words: Partial<Words>): void {
  tables[tag] = { ...tables[tag], ...words };
}

export function wordsFor(tag: string, own?: Partial<Words>): Words {
  return { ...english, ...(tables[tag] ?? tables[tag.split('-')[0]!]), ...own };
}

/** The number or title in its place. */
export function fill(words: string, n: string | number): string {
  return words.replace('{n}', () => `${n}`);
}

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
