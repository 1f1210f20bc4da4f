import { ApiError } from '../errors/api-error.ts';

const contextCharacters = 30;

/** The query with the inside of its strings blanked, so that words are looked for outside of them. */
export const maskStrings = (soql: string): string =>
  soql.replace(/'(?:[^'\\]|\\[\s\S])*'/g, (text) => `'${' '.repeat(text.length - 2)}'`);

const isWordCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\w.]/.test(character);

/**
 * Salesforce's multi-line form: the part of the query, a caret under the place, row and column, the message.
 * Recorded excerpts reach 30 characters to either side, widened to whole words.
 */
export function messageAt(soql: string, index: number, message: string): string {
  let start = Math.max(0, index - contextCharacters);
  while (start > 0 && isWordCharacter(soql[start - 1]) && isWordCharacter(soql[start])) start -= 1;
  let end = Math.min(soql.length, index + contextCharacters);
  while (end < soql.length && isWordCharacter(soql[end - 1]) && isWordCharacter(soql[end])) end += 1;
  const before = soql.slice(0, index).split('\n');
  const excerpt = soql.slice(start, end).replaceAll('\n', ' ');
  const position = `ERROR at Row:${before.length}:Column:${(before.at(-1)?.length ?? 0) + 1}`;
  return `\n${excerpt}\n${' '.repeat(index - start)}^\n${position}\n${message}`;
}

/** The same, pointing at the first place outside of strings where the word stands. */
function messageAtWord(soql: string, word: string, message: string): string {
  const pattern = `(?<![\\w.])${word.replace(/[^\w]/g, '\\$&')}(?![\\w.])`;
  return messageAt(soql, new RegExp(pattern, 'i').exec(maskStrings(soql))?.index ?? 0, message);
}

const malformed = (message: string): ApiError => new ApiError(400, 'MALFORMED_QUERY', message);
const malformedAt = (soql: string, word: string, message: string): ApiError =>
  malformed(messageAtWord(soql, word, message));
const invalidField = (soql: string, word: string, message: string): ApiError =>
  new ApiError(400, 'INVALID_FIELD', messageAtWord(soql, word, message));
const wsdlHint = 'Please reference your WSDL or the describe call for the appropriate names.';

/** The refusals of queries, worded as recorded. */
export const queryErrors = {
  malformed,
  malformedAt,
  invalidField,
  unknownField: (soql: string, path: string, name: string, objectName: string): ApiError =>
    invalidField(
      soql,
      path,
      `No such column '${name}' on entity '${objectName}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${wsdlHint}`,
    ),
  unknownRelationship: (soql: string, name: string, path: string): ApiError =>
    invalidField(
      soql,
      path,
      `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${wsdlHint}`,
    ),
  unknownChildRelationship: (soql: string, name: string): ApiError =>
    new ApiError(
      400,
      'INVALID_TYPE',
      messageAtWord(
        soql,
        name,
        `Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${wsdlHint}`,
      ),
    ),
  unknownObject: (soql: string, name: string): ApiError =>
    new ApiError(
      400,
      'INVALID_TYPE',
      messageAtWord(
        soql,
        name,
        `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. ${wsdlHint}`,
      ),
    ),
  wrongLiteral: (soql: string, name: string, type: string, quoted: boolean): ApiError =>
    invalidField(
      soql,
      name,
      `value of filter criterion for field '${name.split('.').at(-1)}' must be of type ${type} and should ${quoted ? 'be enclosed in quotes' : 'not be enclosed in quotes'}`,
    ),
  /** `call` is what the field cannot be: filtered, grouped or sorted. */
  cannotBe: (soql: string, path: string, call: string): ApiError =>
    invalidField(soql, path, `field '${path.split('.').at(-1)}' can not be ${call} in a query call`),
  badOperator: (soql: string, path: string, type: string): ApiError =>
    new ApiError(
      400,
      'INVALID_QUERY_FILTER_OPERATOR',
      messageAtWord(soql, path, `invalid operator on ${type === 'reference' ? 'id' : type} field`),
    ),
  badId: (soql: string, path: string, value: string): ApiError =>
    new ApiError(
      400,
      'INVALID_QUERY_FILTER_OPERATOR',
      messageAtWord(soql, path, `invalid ID field: ${value}`),
    ),
  notGrouped: (soql: string, text: string): ApiError =>
    malformedAt(soql, text, `Field must be grouped or aggregated: ${text}`),
  timeout: (): ApiError => new ApiError(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.'),
  tooComplicated: (): ApiError =>
    new ApiError(
      400,
      'QUERY_TOO_COMPLICATED',
      'Query is either selecting too many fields or the filter conditions are too complicated.',
    ),
};
