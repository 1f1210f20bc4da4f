import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type ErrorDetail, invalidInput } from '../errors/headrace-error.ts';
import { isDate, isDateTime } from './date-formats.ts';
import type { XdmObject } from './field.ts';
import { inspectJson, kindOf } from './json-inspection.ts';
import { isPlainStep, pointerTo, stepsOf } from './json-pointer.ts';
import { toJsonSchema } from './json-schema.ts';
import { nearestName } from './nearest-name.ts';
import { listFields } from './path.ts';
import { compilePattern, maxMatchedLength } from './pattern.ts';

/** At most so many errors are reported for one record. */
export const maxErrorsPerRecord = 20;

/**
 * What is wrong with a record, at most `maxErrorsPerRecord`; empty when it fits the schema. Each error has a
 * JSON pointer, a keyword and a message that names kinds, never values. Never throws, whatever the input.
 */
export type RecordValidator = (record: unknown) => readonly ErrorDetail[];

/** These make a record unsafe to look at any further. */
const fatalKeywords: ReadonlySet<string> = new Set(['maxValues', 'maxDepth', 'unsafeKey', 'maxKeyLength']);

/**
 * Compiles a schema once; the validator is then cheap to call. Throws `invalid_input` when the schema itself
 * is faulty, for example in a regular expression of a custom field.
 */
export function compileRecordValidator(schema: XdmObject): RecordValidator {
  // allErrors is bounded by inspectJson, which limits how many values there are to be wrong.
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    ownProperties: true,
    strict: true,
    // What toJsonSchema writes need not be checked against the meta-schema, which takes longer than compiling.
    meta: false,
    validateSchema: false,
    code: { regExp: patternEngine },
  });
  ajv.addVocabulary(['meta:xdmType']);
  ajv.removeKeyword('readOnly');
  ajv.addKeyword({
    keyword: 'readOnly',
    schemaType: 'boolean',
    validate: (isReadOnly: boolean) => !isReadOnly,
  });
  addFormats.default(ajv, { formats: ['uri', 'uri-reference'], mode: 'full' });
  ajv.addFormat('date', isDate);
  ajv.addFormat('date-time', isDateTime);
  const validate = compile(ajv, schema);

  return (record) => {
    const findings = inspectJson(record, maxErrorsPerRecord);
    const found = findings.map(({ path, keyword, message }) => ({
      pointer: pointerTo(path),
      keyword,
      message,
    }));
    if (findings.some(({ keyword }) => fatalKeywords.has(keyword))) return found;
    if (validate(record)) return found;
    const reported = new Set(findings.map(({ path }) => path.join('\0')));
    const errors = validate.errors ?? [];
    const closed = errors
      .filter(({ keyword }) => keyword === 'readOnly')
      .map(({ instancePath }) => instancePath);
    const more = errors
      .filter((error) => !reported.has(stepsOf(error.instancePath).join('\0')))
      .filter(({ instancePath }) => !closed.some((path) => instancePath.startsWith(`${path}/`)))
      .map((error) => describeError(error, schema));
    return [...found, ...more].slice(0, maxErrorsPerRecord);
  };
}

/** `code` is what Ajv would write into a module of its own, which is never made here. */
const patternEngine = Object.assign((pattern: string) => compilePattern(pattern), { code: 'compilePattern' });

function compile(ajv: Ajv2020, schema: XdmObject) {
  try {
    return ajv.compile(toJsonSchema(schema));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidInput(`The schema "${schema.title}" cannot be used for validation: ${reason}`);
  }
}

function describeError(error: ErrorObject, schema: XdmObject): ErrorDetail {
  const path = stepsOf(error.instancePath);
  const { keyword } = error;
  if (keyword === 'required') {
    const missing = String(error.params.missingProperty);
    return {
      pointer: pointerTo([...path, missing]),
      keyword,
      message: `"${missing}" is required and missing.`,
    };
  }
  if (keyword === 'additionalProperties') {
    const key = String(error.params.additionalProperty);
    const known = Object.keys(error.parentSchema?.properties ?? {});
    return { pointer: pointerTo([...path, key]), keyword, message: describeUnknownKey(key, known, schema) };
  }
  if (keyword === 'readOnly')
    return {
      pointer: pointerTo(path),
      keyword,
      message: `"${path.at(-1)}" is written by Headrace only. Leave it out of the record.`,
    };
  return {
    pointer: pointerTo(path),
    keyword,
    message: `Expected ${describeExpected(error)}; found ${kindOf(error.data)}${keyword === 'type' ? '' : ' that is not'}.`,
  };
}

function describeUnknownKey(key: string, known: readonly string[], schema: XdmObject): string {
  const name = isPlainStep(key) ? `"${key}"` : 'This key';
  const sibling = nearestName(key, known);
  if (sibling !== undefined) return `${name} is no field of the schema here. Did you mean "${sibling}"?`;
  for (const { path } of listFields(schema)) {
    const last = path.slice(path.lastIndexOf('.') + 1);
    if (last.toLowerCase() === key.toLowerCase())
      return `${name} is no field of the schema here. Did you mean "${path}"?`;
  }
  return `${name} is no field of the schema here. Remove it, or add the field to the schema.`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function describeExpected({ keyword, params }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return typeNames[String(params.type)] ?? String(params.type);
    case 'enum':
      return `one of ${JSON.stringify(params.allowedValues)}`;
    case 'format':
      return formatNames[String(params.format)] ?? `the format ${params.format}`;
    case 'pattern':
      return `text of at most ${maxMatchedLength} characters matching ${params.pattern}`;
    case 'minLength':
      return `text of at least ${params.limit} characters`;
    case 'maxLength':
      return `text of at most ${params.limit} characters`;
    case 'minimum':
      return `at least ${params.limit}`;
    case 'maximum':
      return `at most ${params.limit}`;
    default:
      return `what the rule "${keyword}" of the schema asks for`;
  }
}

const formatNames: Readonly<Record<string, string>> = {
  date: 'a day that exists, written YYYY-MM-DD',
  'date-time': 'an instant with an offset, such as 2025-03-01T09:30:00Z (RFC 3339)',
  uri: 'an absolute URI',
  'uri-reference': 'a URI, absolute or relative',
};
