import type { InboxElement } from '../element.js';
import type { Text } from '../words.js';
import { wordsFor } from './shared.js';

/** What the second file says, in English and Korean. `{n}` stands for a time. */
const built = {
  later: ['Later today', '오늘 나중에'],
  tomorrow: ['Tomorrow morning', '내일 아침'],
  nextWeek: ['Next week', '다음 주'],
  ownTime: ['At a time of your own', '직접 정한 시간'],
  didSnooze: ['Snoozed until {n}', '{n}에 다시 알립니다'],
  preferences: ['Notification settings', '알림 설정'],
  wanted: ['What you hear of', '받을 알림'],
  type: ['About', '종류'],
  inInbox: ['Inbox', '알림함'],
  quiet: ['Quiet hours', '방해 금지 시간'],
  quietHint: ['What comes is in the list, without a sound or a notice.', '알림은 목록에 표시되지만 소리와 팝업은 없습니다.'],
  from: ['From', '시작'],
  to: ['To', '종료'],
  zone: ['Time zone', '시간대'],
  mutedGroups: ['Muted conversations', '알림을 끈 대화'],
  unmute: ['Unmute', '알림 켜기'],
  save: ['Save', '저장'],
  saving: ['Saving …', '저장하는 중…'],
  saved: ['Saved', '저장했습니다'],
  conflict: ['These settings were changed elsewhere meanwhile. You see them as they are now; nothing of yours was saved.', '그동안 다른 곳에서 설정이 변경되었습니다. 지금 보이는 것이 현재 설정이며, 여기서 변경한 내용은 저장되지 않았습니다.'],
  follow: ['Follow', '팔로우'],
  following: ['Following', '팔로잉'],
  notOpen: ['This is not yours to change', '직접 변경할 수 없는 항목입니다'],
  failedSettings: ['The settings could not be read', '설정을 불러오지 못했습니다'],
};

export type MoreWords = Record<keyof typeof built, string>;

const column = (at: number) => Object.fromEntries(Object.entries(built).map(([key, words]) => [key, words[at]])) as MoreWords;

export const moreEnglish = column(0), moreKorean = column(1);

/** What the page gave comes first. */
export function textOf({ _language: language, words }: Pick<InboxElement, '_language' | 'words'>): Text & MoreWords {
  return { ...(/^ko\b/.test(language) ? moreKorean : moreEnglish), ...wordsFor(language, words) } as Text & MoreWords;
}
