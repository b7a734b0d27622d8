import { readFileSync } from 'node:fs';
import type { Item } from '@orleans-inbox/client';
import { whose } from '@orleans-inbox/client';
import { describe, expect, it } from 'vitest';
import { openHeights } from '../src/heights.js';
import { moreEnglish, moreKorean } from '../src/more/words.js';
import { isOpened, toRows } from '../src/rows.js';
import { initials, safeLink } from '../src/safe.js';
import { addLanguage, ago, english, formatOf, languageOf, wordsFor } from '../src/words.js';
// @ts-expect-error it is a build script
import { bundle } from '../bundle.mjs';
// @ts-expect-error it is a build script
import { checkTemplate, less } from '../lit.mjs';

const item = (seq: number, group?: string) => ({ id: `1-${seq}`, title: `${seq}`, ...(group && { group }) }) as Item;

describe('rows', () => {
  const items = [item(5, 'a'), item(4), item(3, 'b'), item(2, 'a'), item(1, 'a')];

  it('fold a group into its newest', () => {
    expect(toRows(items, new Set()).map(row => [row.key, row.members.length])).toEqual([['1-5', 3], ['1-4', 1], ['1-3', 1]]);
  });

  it('show the older ones of an opened group under it', () => {
    expect(toRows(items, new Set(['a', 'b'])).map(row => [row.key, row.inside])).toEqual([['1-5', false], ['1-2', true], ['1-1', true], ['1-4', false], ['1-3', false]]);
  });

  it('stand for what they show: all of a folded group, each for itself in an opened one', () => {
    const rows = (open: string[]) => toRows(items, new Set(open)).map(row => [row.key, row.members.length, row.older, isOpened(row)]);
    expect(rows([])).toEqual([['1-5', 3, 2, false], ['1-4', 1, 0, false], ['1-3', 1, 0, false]]);
    expect(rows(['a', 'b'])).toEqual([['1-5', 1, 2, true], ['1-2', 1, 0, false], ['1-1', 1, 0, false], ['1-4', 1, 0, false], ['1-3', 1, 0, false]]);
  });

  it('stand for themselves in a flat list', () => {
    expect(toRows(items, new Set(['a']), true).map(row => row.key)).toEqual(items.map(one => one.id));
  });
});

describe('heights', () => {
  it('are guessed until they were measured, and tell which row is where', () => {
    const heights = openHeights(50);
    heights._lay(['a', 'b', 'c']);
    expect(heights._total()).toBe(150);
    expect(heights._learn([['b', 80]])).toBe(true);
    expect(heights._learn([['b', 80]])).toBe(false);
    expect([heights._total(), heights._top(2), heights._at(-10), heights._at(49), heights._at(50), heights._at(129), heights._at(130), heights._at(999)]).toEqual([180, 130, 0, 0, 1, 1, 2, 2]);
    heights._lay(['new', 'a', 'b']);
    expect([heights._top(2), heights._total(), heights._indexOf('c')]).toEqual([100, 180, -1]);
  });

  it('of nothing are nothing', () => {
    const heights = openHeights(50);
    heights._lay([]);
    expect([heights._total(), heights._at(10), heights._top(0)]).toEqual([0, 0, 0]);
  });
});

describe('links', () => {
  it.each(['/posts/7', 'https://example.org/a?b#c', 'http://example.org'])('%s may be followed', url => expect(safeLink(url)).toBe(url));
  it.each(['javascript:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', '//example.org', '/\\example.org', 'data:text/html,x', 'https://', 'vbscript:x', 'ftp://example.org', '', undefined, null, 7, {}])('%s may not', url => expect(safeLink(url)).toBeUndefined());
});

describe('words', () => {
  it('Korean lacks nothing that English has', () => {
    for (const [spoken, korean] of [[english, wordsFor('ko-KR')], [moreEnglish, moreKorean]] as Record<string, string>[][]) for (const key of Object.keys(spoken!)) {
      expect(korean![key], key).not.toBe(spoken![key]);
      expect(korean![key]!.includes('{n}'), key).toBe(spoken![key]!.includes('{n}'));
    }
  });

  it('say times as the language does', () => {
    const now = Date.parse('2026-01-10T12:00:00Z'), english = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
    const at = (time: string, format = english) => ago(time, format, 'just now', now);
    expect(['2026-01-10T12:00:30Z', '2026-01-10T11:59:55Z', '2026-01-10T11:59:15Z', '2026-01-10T11:01:00Z', '2026-01-10T00:00:00Z', '2026-01-09T11:00:00Z', '2025-12-27T12:00:00Z', '2024-01-01T00:00:00Z', 'nonsense'].map(time => at(time)))
      .toEqual(['just now', 'just now', '45 seconds ago', '59 minutes ago', '12 hours ago', 'yesterday', '2 weeks ago', '2 years ago', 'just now']);
    expect(at('2026-01-10T11:01:00Z', new Intl.RelativeTimeFormat('ko'))).toBe('59분 전');
  });
});

describe('elapsed time', () => {
  it.each([
    ['2026-11-25T22:38:00', '2026-11-27T21:38:00', '1 day ago', '1일 전'], ['2026-11-25T22:38:00', '2028-10-25T22:38:00', '1 yr. ago', '1년 전'],
    ['2026-11-01T10:00:00', '2026-11-14T09:00:00', '1 wk. ago', '1주 전'], ['2026-10-31T10:00:00', '2026-12-30T10:00:00', '1 mo. ago', '1개월 전'],
    ['2026-11-25T23:59:30', '2026-11-26T00:00:10', '40 sec. ago', '40초 전'],
  ])('from %s to %s is a number, and not a word of the calendar', (then, now, english, korean) => {
    expect(['en', 'ko'].map(language => ago(then, formatOf(language), 'just now', Date.parse(now)))).toEqual([english, korean]);
  });
});

describe('a language', () => {
  it.each([['en_US', 'en-US'], ['KO', 'ko'], ['zh_hant_TW', 'zh-Hant-TW'], ['C', 'en'], ['POSIX.', 'en'], ['a b', 'en'], ['', 'en'], ['de_DE.UTF-8', 'en']])('%s is %s to Intl', (tag, known) => {
    expect(languageOf(tag)).toBe(known);
    expect(() => new Intl.RelativeTimeFormat(languageOf(tag))).not.toThrow();
  });

  it('is added by any way to write it; one that there is not changes no other', () => {
    addLanguage('pt_br', { inbox: 'Avisos' });
    addLanguage('C', { inbox: 'nobody' });
    expect(wordsFor(languageOf('pt-BR')).inbox).toBe('Avisos');
    expect(wordsFor(languageOf('C')).inbox).toBe('Notifications');
  });
});

describe('people', () => {
  it.each([['Ann Nguyen', 'AN'], ['ann', 'AN'], ['김 민준', '김민'], ['deploy-bot', 'DB'], ['', '?'], ['<i>x</i>', 'IX'], ['🦊 fox', '🦊F'],
    ['नमस्ते दुनिया', 'नदु'], ['नमस्ते', 'नम'], ['ßeta ŉab', 'ßŉ'], ['E\u0301lan vital', 'E\u0301V'], ['e\u0301t', 'E\u0301T'], ['👩‍🚀🇰🇷 kim', '👩‍🚀K'], ['🇰🇷 kim', '🇰🇷K'], ['--', '?']])('%s is shown as %s', (name, letters) => expect(initials(name)[0]).toBe(letters));

  it('a renewed token is the same person', () => {
    const token = (claims: object) => `x.${btoa(JSON.stringify(claims))}.y`;
    expect(whose(token({ sub: 'ann', exp: 1 }))).toBe(whose(token({ sub: 'ann', exp: 2 })));
    expect(whose(token({ sub: 'ann' }))).not.toBe(whose(token({ sub: 'ann', tenant: 't' })));
    expect(whose('opaque')).toBe(undefined);
  });
});

describe('the bundle\'s Lit', () => {
  it.each([
    ['html`<a title="${x} y"></a>`', 'a binding within quotes'], ['html`<!-- ${x} -->`', 'a comment'], ['html`<style>${x}</style>`', 'raw text'],
    ["import { repeat } from 'lit/directives/repeat.js';", 'a directive'], ["import { html, svg } from 'lit/html.js';", '`svg`'],
  ])('refuses %s', (code, why) => {
    expect(() => checkTemplate(code, 'a.ts')).toThrow(why);
  });

  it('takes a template whose bindings are whole values', () => {
    checkTemplate('html`<a class="x" title=${y} .z=${z}>${text}</a>`', 'a.ts');
  });

  it('is not made from a source that it does not know', () => {
    expect(() => less('export const html = 1;')).toThrow('Lit has changed');
  });
});

it('what the front-end serves as /inbox.js and /inbox-more.js is what the sources build to', async () => {
  for (const [file, code] of Object.entries(await bundle())) {
    const served = readFileSync(new URL(`../../../client-api/wwwroot/${file}`, import.meta.url), 'utf8');
    expect(served === code, `run \`npm run build\` in web/ and commit client-api/wwwroot/${file}`).toBe(true);
  }
});
