import { ApiError } from '../errors/api-error.ts';

const contextBefore = 60;
const contextAfter = 60;

/** Salesforce's multi-line form: the part of the query, a caret under the word, its position, the message. */
function pointedMessage(soql: string, word: string, message: string): string {
  const found = new RegExp(`(?<![\\w.])${word.replace(/[^\w]/g, '\\$&')}(?![\\w.])`, 'i').exec(soql);
  const index = found?.index ?? 0;
  const start = Math.max(0, index - contextBefore);
  const excerpt = soql.slice(start, index + contextAfter).replaceAll('\n', ' ');
  const before = soql.slice(0, index).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const caret = `${' '.repeat(index - start)}^`;
  return `\n${excerpt}\n${caret}\nERROR at Row:${before.length}:Column:${column}\n${message}`;
}

export const queryErrors = {
  malformed: (message: string): ApiError => new ApiError(400, 'MALFORMED_QUERY', message),
  unknownField: (soql: string, name: string, objectName: string): ApiError =>
    new ApiError(
      400,
      'INVALID_FIELD',
      pointedMessage(
        soql,
        name,
        `No such column '${name}' on entity '${objectName}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
      ),
    ),
  unknownRelationship: (soql: string, name: string, path: string, objectName: string): ApiError =>
    new ApiError(
      400,
      'INVALID_FIELD',
      pointedMessage(
        soql,
        path,
        `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names. (${objectName})`,
      ),
    ),
  unknownObject: (soql: string, name: string): ApiError =>
    new ApiError(
      400,
      'INVALID_TYPE',
      pointedMessage(
        soql,
        name,
        `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
      ),
    ),
  wrongLiteral: (soql: string, name: string, type: string, quoted: boolean): ApiError =>
    new ApiError(
      400,
      'INVALID_FIELD',
      pointedMessage(
        soql,
        name,
        `value of filter criterion for field '${name}' must be of type ${type} and should ${quoted ? 'be enclosed in quotes' : 'not be enclosed in quotes'}`,
      ),
    ),
  badOperator: (soql: string, name: string): ApiError =>
    new ApiError(
      400,
      'INVALID_QUERY_FILTER_OPERATOR',
      pointedMessage(soql, name, `invalid operator on ${name} field`),
    ),
  badId: (value: string): ApiError =>
    new ApiError(400, 'INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${value}`),
};
