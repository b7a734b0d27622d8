import { randomUUID } from 'node:crypto';

/** Within texts a number that JavaScript would round travels as a string that begins with this. No caller can know it. */
const mark = `number:${randomUUID()}:`;

/** Digits of the longest number that is checked for a loss. */
const longest = 400;

/** A number that JavaScript cannot hold without loss, such as 9007199254740993. It is written as the digits that it was read from. */
export class ExactNumber {
  constructor(readonly digits: string) {}
  toJSON(): string { return mark + this.digits; }
  toString(): string { return this.digits; }
}

/** JSON.parse, except that a number which would be rounded becomes an ExactNumber. */
export function parseJson(text: string): unknown {
  const marked = markNumbers(text);
  return marked === text ? JSON.parse(text) : JSON.parse(marked, reviveNumber);
}

/** JSON.stringify, with the digits of each ExactNumber. */
export const stringifyJson = (value: unknown): string => unmarkNumbers(JSON.stringify(value));

/** A number of JSON or of GraphQL, exactly. */
export function toNumber(digits: string): number | ExactNumber {
  return isExact(digits) ? Number(digits) : new ExactNumber(digits);
}

// The two halves of each direction are exported for graphql-ws, which calls JSON.parse and JSON.stringify itself.

/** To be parsed with `reviveNumber`. Strings are matched as a whole, so that digits within them stay as they are. Linear: no pattern can fail after a long match. */
export function markNumbers(text: string): string {
  if (!/[\d.]{16}|\d[eE]/.test(text)) return text; // shorter numbers are exact
  return text.replace(/"[^"\\]*(?:\\[^][^"\\]*)*"?|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') || isExact(token) ? token : `"${mark}${token}"`);
}

export function reviveNumber(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(mark) ? new ExactNumber(value.slice(mark.length)) : value;
}

/** Within a longer string, such as an error's message that quotes a value, only the mark is removed. */
export function unmarkNumbers(text: string): string {
  return text.includes(mark) ? text.replace(new RegExp(`"${mark}([^"]+)"|${mark}`, 'g'), (_, digits?: string) => digits ?? '') : text;
}

/** Whether JavaScript keeps the value: 1.0 and 1 are equal, but 9007199254740993, 1e400 and 0.1234567890123456789 have no equal double. */
function isExact(digits: string): boolean {
  if (/^-?[\d.]{1,15}$/.test(digits)) return true; // a double holds any 15 significant digits
  if (digits.length > longest) return false; // bounds the work; it is passed on as it is
  const number = Number(digits);
  return Number.isFinite(number) && normalize(digits) === normalize(String(number));
}

/** One spelling for each value: significant digits without zeros at either end, and an exponent. */
function normalize(number: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number)!;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  return significant === '' ? '0' : `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
