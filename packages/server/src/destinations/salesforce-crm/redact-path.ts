import { recordIdPattern } from './records/record-id.ts';

/** Longest path kept: a query names up to a thousand keys. */
const longestPath = 500;
const word = /^[A-Za-z][A-Za-z0-9_]{0,79}$/;
const plain = new Set(['allOrNone', 'fields']);

/**
 * A path of the REST API without values: literals of SOQL, keys of records and whatever is not known to be a name
 * become `?`; ids of records stay, of many the first.
 */
export function redactPath(path: string): string {
  const [resource = '', ...rest] = path.split('?');
  const query = rest.join('?');
  const redacted = redactResource(resource) + (query === '' ? '' : `?${redactQuery(query)}`);
  return redacted.length > longestPath ? `${redacted.slice(0, longestPath - 1)}…` : redacted;
}

function redactResource(resource: string): string {
  const segments = resource.split('/');
  return segments.map((segment, at) => (isName(segments, at) ? segment : '?')).join('/');
}

function isName(segments: readonly string[], at: number): boolean {
  const segment = segments[at] ?? '';
  // `/sobjects/Contact/Customer_Id__c/4711`: what follows the name of a field is a key.
  if (segments[at - 3] === 'sobjects' && !recordIdPattern.test(segments[at - 1] ?? '')) return false;
  return segment === '' || word.test(segment) || otherNames.some((pattern) => pattern.test(segment));
}

/** Ids of records and jobs, versions, and where a query goes on: `/query/01gxx0000000001AAA-2000`. */
const otherNames = [recordIdPattern, /^v\d{1,3}\.\d$/, /^\w{15,18}-\d{1,9}$/];

const redactQuery = (query: string): string =>
  query
    .split('&')
    .map((part) => {
      const at = part.indexOf('=');
      const name = at < 0 ? part : part.slice(0, at);
      const value = at < 0 ? '' : part.slice(at + 1);
      if (!word.test(name)) return '?';
      if (name === 'q') return `q=${redactSoql(decode(value))}`;
      if (name === 'ids') return `ids=${redactIds(value.split(','))}`;
      return `${name}=${plain.has(name) && /^[\w,]*$/.test(value) ? value : '?'}`;
    })
    .join('&');

const redactIds = ([first = '', ...others]: readonly string[]): string =>
  (recordIdPattern.test(first) ? first : '?') + (others.length > 0 ? `,…(${others.length + 1})` : '');

/** Literals in quotes; numbers too, since a key may be one. Lists of literals become one. */
const redactSoql = (soql: string): string =>
  soql
    .replaceAll(/'(?:[^'\\]|\\.)*'?/gs, '?')
    .replaceAll(/(?<![\w.])[+-]?\d[\d.:TZ+-]*/g, '?')
    .replaceAll(/\?(?:\s*,\s*\?)+/g, '?,…');

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return "'";
  }
}
