import { parseQuery, type Query } from '@jetstreamapp/soql-parser-js';
import { queryErrors } from './query-error.ts';

const maxQueryLength = 100_000;

/** Parses SOQL. Throws MALFORMED_QUERY naming the word that was not expected. */
export function parseSoql(soql: string): Query {
  if (soql.trim() === '') throw queryErrors.malformed('unexpected token: <EOF>');
  if (soql.length > maxQueryLength)
    throw queryErrors.malformed('SOQL statements cannot be longer than 100000 characters.');
  try {
    return parseQuery(soql);
  } catch (error) {
    throw queryErrors.malformed(describeParseError(error instanceof Error ? error.message : String(error)));
  }
}

/** The parser names what it found in one of a few ways; Salesforce names only the token. */
function describeParseError(message: string): string {
  const found =
    /found --> '([\s\S]*?)' <--/.exec(message)?.[1] ??
    /but found: '([\s\S]*?)'$/.exec(message.trimEnd())?.[1] ??
    /unexpected character: ->([\s\S]*?)<-/.exec(message)?.[1] ??
    /found: ([\s\S]*)$/.exec(message)?.[1];
  if (found === undefined) return `unexpected token: ${message.slice(0, 200)}`;
  return `unexpected token: '${found === '' ? '<EOF>' : found}'`;
}
