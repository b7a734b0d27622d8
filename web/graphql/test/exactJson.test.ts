import { GraphQLScalarType, parseValue } from 'graphql';
import { expect, test } from 'vitest';
import { ExactNumber, parseJson, stringifyJson } from '../src/exactJson.js';
import { jsonScalar } from '../src/json.js';

const inexact = ['9007199254740993', '-9007199254740993', '12345678901234567890', '0.1234567890123456789', '1e400', '1e-400', '123456789.123456789123', '1'.repeat(500)];
const exact = ['0', '-1', '1.0', '0.1', '1E5', '9007199254740992', '1e21', '1.7976931348623157e308', '5e-324', '100000000000000000000'];

test.each(inexact)('the digits of %s survive, as JSON and as a literal of GraphQL', (digits) => {
  const text = `{"n":${digits},"list":[${digits},"${digits}"],"1":"\\"${digits}"}`;
  const value = parseJson(text) as { n: unknown; list: unknown[] };
  expect(value.n).toEqual(new ExactNumber(digits));
  expect(value.list[1]).toBe(digits);
  expect(stringifyJson(value)).toBe(`{"1":"\\"${digits}","n":${digits},"list":[${digits},"${digits}"]}`);
  expect(stringifyJson((jsonScalar as GraphQLScalarType).parseLiteral(parseValue(`{n: [${digits}]}`)))).toBe(`{"n":[${digits}]}`);
});

test.each(exact)('%s is a number of JavaScript', (digits) => {
  expect(parseJson(`[${digits}]`)).toEqual([Number(digits)]);
});

test('what is no JSON stays none, and costs no more than its length', () => {
  for (const text of ['', '{', '[00009007199254740993]', '[9007199254740993.]', '[-]', '"9007199254740993', `["${'\\"'.repeat(500_000)}9007199254740993`, `[1e5,"${'\\"'.repeat(500_000)}`, `[1${'0'.repeat(500_000)}1`])
    expect(() => parseJson(text), text.slice(0, 30)).toThrow(SyntaxError);
});
