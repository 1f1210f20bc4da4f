import { ApiError, apiErrors } from '../errors/api-error.ts';
import { refuseOtherFields } from '../http/request-body.ts';
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';

/** One request inside a Composite or a graph, as sent: its references are still to be filled in. */
export interface Subrequest {
  readonly referenceId: string;
  readonly method: string;
  readonly url: string;
  readonly body: JsonValue | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

const methods = new Set(['POST', 'PUT', 'PATCH', 'GET', 'DELETE']);
const inheritedHeaders = new Set(['accept', 'authorization', 'content-type']);
const subrequestFields = ['method', 'url', 'referenceId', 'body', 'httpHeaders'];

/** A text member. Throws JSON_PARSER_ERROR when it is missing or no text. */
export function requiredText(object: JsonObject, name: string): string {
  const value = ownValue(object, name);
  if (value === undefined || value === null || value === '')
    throw apiErrors.json(`'${name}' is a required field.`);
  if (typeof value !== 'string') throw apiErrors.json(`Cannot deserialize instance of string: "${name}"`);
  return value;
}

/** A flag; false when it is left out. Throws JSON_PARSER_ERROR for anything else. */
export function optionalFlag(object: JsonObject, name: string): boolean {
  const value = ownValue(object, name) ?? false;
  if (typeof value !== 'boolean') throw apiErrors.json(`Cannot deserialize instance of boolean: "${name}"`);
  return value;
}

/** A list of objects. Throws JSON_PARSER_ERROR when it is missing, empty, or holds anything else. */
export function requiredObjects(object: JsonObject, name: string): readonly JsonObject[] {
  const value = ownValue(object, name);
  if (!Array.isArray(value) || value.length === 0) throw apiErrors.json(`'${name}' is a required field.`);
  return value.map((item: JsonValue) => {
    if (!isJsonObject(item)) throw apiErrors.json(`Each of "${name}" must be a JSON object`);
    return item;
  });
}

/**
 * The subrequests of a `compositeRequest`. Throws the refusal of the whole call: bad JSON types, a reference
 * id twice or (version 52.0 on) with other characters than letters, digits and underscores, a header that
 * belongs to the outer call.
 */
export function readSubrequests(body: JsonObject, version: string): readonly Subrequest[] {
  const subrequests = requiredObjects(body, 'compositeRequest').map(readSubrequest);
  const seen = new Set<string>();
  for (const { referenceId } of subrequests) {
    if (Number(version) >= 52 && !/^[A-Za-z0-9][A-Za-z0-9_]*$/.test(referenceId))
      throw apiErrors.json(referenceIdRule(referenceId));
    if (seen.has(referenceId)) throw apiErrors.json(`Duplicate ReferenceId found: ${referenceId}`);
    seen.add(referenceId);
  }
  return subrequests;
}

/** Salesforce's words for a reference id with other characters. */
export const referenceIdRule = (referenceId: string): string =>
  `Provided referenceId ('${referenceId}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`;

function readSubrequest(object: JsonObject): Subrequest {
  refuseOtherFields(object, subrequestFields);
  const method = requiredText(object, 'method');
  if (!methods.has(method))
    throw apiErrors.json(`"method" must be POST, PUT, PATCH, GET or DELETE, but is "${method}"`);
  return {
    referenceId: requiredText(object, 'referenceId'),
    method,
    url: requiredText(object, 'url'),
    body: ownValue(object, 'body') ?? undefined,
    headers: readHeaders(ownValue(object, 'httpHeaders') ?? {}),
  };
}

function readHeaders(given: JsonValue): Record<string, string> {
  if (!isJsonObject(given)) throw apiErrors.json('Cannot deserialize instance of map: "httpHeaders"');
  const headers = Object.entries(given).map(([name, value]) => {
    if (typeof value !== 'string') throw apiErrors.json(`Cannot deserialize instance of string: "${name}"`);
    if (inheritedHeaders.has(name.toLowerCase()))
      throw new ApiError(
        400,
        'INVALID_INPUT',
        `The header ${name} can't be specified in a subrequest: it is inherited from the top-level request.`,
      );
    return [name.toLowerCase(), value] as const;
  });
  return Object.fromEntries(headers);
}
