import { parseQuery, type Query } from '@jetstreamapp/soql-parser-js';
import { apiErrors } from '../errors/api-error.ts';
import { maskStrings, messageAt, queryErrors } from './query-error.ts';

const maxQueryLength = 100_000;
/** Bounds for the search of the place to point at. */
const maxCandidates = 20;
const maxSearchedLength = 20_000;

/** Parses SOQL. Throws MALFORMED_QUERY pointing at the word that was not expected. */
export function parseSoql(soql: string): Query {
  if (soql.length > maxQueryLength)
    throw queryErrors.malformed('SOQL statements cannot be longer than 100000 characters.');
  const masked = maskStrings(soql);
  const allRows = /\bALL\s+ROWS\s*$/i.exec(masked);
  if (allRows !== null)
    throw queryErrors.malformed(messageAt(soql, allRows.index, 'ALL ROWS not allowed in this context'));
  if (/\bFROM\s+\w+(?:\s+\w+)?\s*,\s*\w+\.\w+/i.test(masked))
    throw apiErrors.notImplemented('A list of objects after FROM');
  // Both may be given; neither changes what a query answers, and the parser takes only one.
  const text = soql.replace(/\bFOR\s+(?:VIEW|REFERENCE)\s+(?=FOR\s+(?:VIEW|REFERENCE)\s*$)/i, '');
  const outcome = attempt(text);
  if ('message' in outcome) throw queryErrors.malformed(describeFailure(soql, outcome.message));
  // The parser reads a negation of a negation of a negation as two.
  if (countNegations(outcome.query) !== (masked.match(/\bNOT\b(?!\s+IN\b)/gi) ?? []).length)
    throw apiErrors.notImplemented('NOT inside NOT inside NOT in a query');
  return outcome.query;
}

function countNegations(query: Query): number {
  let negations = 0;
  const rest: unknown[] = [query];
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (typeof part !== 'object' || part === null) continue;
    if ('operator' in part && part.operator === 'NOT') negations += 1;
    for (const inner of Object.values(part))
      if (typeof inner === 'object' && inner !== null) rest.push(inner);
  }
  return negations;
}

function attempt(soql: string): { readonly query: Query } | { readonly message: string } {
  try {
    return { query: parseQuery(soql) };
  } catch (error) {
    return { message: error instanceof Error ? error.message.trimEnd() : String(error) };
  }
}

/** The word a parser message complains of: empty at the end of the query, undefined when it names none. */
const wordOf = (message: string): string | undefined =>
  /found --> '([\s\S]*?)' <--/.exec(message)?.[1] ??
  /but found: '([\s\S]*?)'$/.exec(message)?.[1] ??
  /found: ([\s\S]*)$/.exec(message)?.[1];

function describeFailure(soql: string, message: string): string {
  const lexical = /unexpected character: ->([\s\S]*?)<- at offset: (\d+)/.exec(message);
  if (lexical !== null) {
    const index = Number(lexical[2]);
    const column = index - soql.lastIndexOf('\n', index - 1) - 1;
    const row = soql.slice(0, index).split('\n').length;
    const complaint = unclosedString(soql, index)
      ? "mismatched character '<EOF>' expecting '''"
      : `no viable alternative at character '${lexical[1]}'`;
    return messageAt(soql, index, `line ${row}:${column} ${complaint}`);
  }
  const word = wordOf(message);
  if (word === undefined || word === '')
    return messageAt(soql, soql.trimEnd().length, "unexpected token: '<EOF>'");
  const complaint = word === ':' ? 'Bind variables only allowed in Apex code' : `unexpected token: '${word}'`;
  return messageAt(soql, indexOfUnexpected(soql, word), complaint);
}

const unclosedString = (soql: string, index: number): boolean =>
  soql[index] === "'" &&
  !maskStrings(soql)
    .slice(index + 1)
    .includes("'");

/**
 * Where the unexpected word stands. The parser does not say; it is the last place of the word up to which the
 * query, cut off there, is either right or merely unfinished.
 */
function indexOfUnexpected(soql: string, word: string): number {
  const masked = word.startsWith("'") ? soql : maskStrings(soql);
  const places: number[] = [];
  for (
    let at = masked.indexOf(word);
    at >= 0 && places.length < maxCandidates;
    at = masked.indexOf(word, at + 1)
  )
    places.push(at);
  const fits = (index: number): boolean => {
    const outcome = attempt(soql.slice(0, index));
    return 'query' in outcome || wordOf(outcome.message) === '';
  };
  return places.length === 1 || soql.length > maxSearchedLength
    ? (places[0] ?? 0)
    : (places.findLast(fits) ?? places[0] ?? 0);
}
