import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { ErrorDetail } from '../errors/headrace-error.ts';
import { isDateTime } from '../xdm/date-formats.ts';
import { kindOf } from '../xdm/json-inspection.ts';
import { pointerTo, stepsOf } from '../xdm/json-pointer.ts';
import { nearestName } from '../xdm/nearest-name.ts';
import type { WireSchema } from './wire.ts';

/** What is wrong with a value; empty when it fits. Fills in defaults. Messages name kinds, never values. */
export type WireCheck = (value: unknown) => readonly ErrorDetail[];

/**
 * Compiles a wire schema into a check.
 * @param from `text`: values come from a URL, so that `5` and `true` stand for a number and a boolean.
 */
export function compileWireCheck(schema: WireSchema, from: 'json' | 'text' = 'json'): WireCheck {
  const validate = from === 'json' ? jsonAjv.compile(schema) : textAjv.compile(schema);
  return (value) => (validate(value) ? [] : describeAll(validate.errors ?? []));
}

// Stops at the first error of each value: bodies are small, but `allErrors` lets them cost more than they are.
const options = { verbose: true, ownProperties: true, useDefaults: true, strict: false } as const;
const jsonAjv = new Ajv2020(options);
const textAjv = new Ajv2020({ ...options, coerceTypes: true });
/** As the database writes them: one text per id. (Ajv's own format takes capitals and `urn:uuid:` too.) */
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
for (const ajv of [jsonAjv, textAjv]) {
  ajv.addFormat('uuid', uuid);
  ajv.addFormat('date-time', isDateTime);
}

/**
 * A value that may be of several forms fails each of them. What is wrong inside of it tells more than that it is none of
 * the others; else one fault names all of the kinds.
 */
function describeAll(errors: readonly ErrorObject[]): ErrorDetail[] {
  let faults = errors.map((error): Fault => {
    const kinds = isPlain(error.keyword) ? [expected(error)] : [];
    return { at: error.instancePath, keyword: error.keyword, kinds, detail: describe(error) };
  });
  for (const { keyword, instancePath: at, data } of errors) {
    if (keyword !== 'anyOf') continue;
    const others = faults.filter((fault) => fault.at !== at);
    const own = faults.filter((fault) => fault.at === at);
    const ofOneForm = own.filter((fault) => fault.keyword !== 'anyOf' && !isPlain(fault.keyword));
    const kinds = [...new Set(own.flatMap((fault) => fault.kinds))];
    if (ofOneForm.length > 0 || others.some((fault) => fault.at.startsWith(`${at}/`)))
      faults = [...ofOneForm, ...others];
    else if (kinds.length > 0) {
      const plain = own.every((fault) => fault.keyword !== 'const') ? 'type' : 'enum';
      const found = plain === 'type' ? kindOf(data) : `${kindOf(data)} that is not`;
      const message = `Expected ${kinds.join(' or ')}; found ${found}.`;
      const detail = { pointer: pointerTo(stepsOf(at)), keyword: plain, message };
      faults = [{ at, keyword: plain, kinds, detail }, ...others];
    }
  }
  return faults.map(({ detail }) => detail);
}

/** Says of a form only what the whole value should have been. */
const isPlain = (keyword: string): boolean => ['type', 'const', 'enum'].includes(keyword);

type Fault = {
  readonly at: string;
  readonly keyword: string;
  /** What it says is expected, where it says no more than that. */
  readonly kinds: readonly string[];
  readonly detail: ErrorDetail;
};

function describe(error: ErrorObject): ErrorDetail {
  const path = stepsOf(error.instancePath);
  const { keyword, params, data, parentSchema } = error;
  if (keyword === 'required') {
    const name = String(params.missingProperty);
    return { pointer: pointerTo([...path, name]), keyword, message: `"${name}" is missing.` };
  }
  if (keyword === 'additionalProperties') {
    const name = String(params.additionalProperty);
    const known = Object.keys(propertiesOf(parentSchema));
    const nearest = nearestName(name, known);
    const hint =
      nearest !== undefined
        ? `Did you mean "${nearest}"?`
        : known.length === 0
          ? 'Nothing is taken here.'
          : `Known here: ${known.join(', ')}.`;
    return { pointer: pointerTo([...path, name]), keyword, message: `This is not taken here. ${hint}` };
  }
  const kind = kindOf(data);
  const found =
    keyword === 'type' || kind === 'empty text'
      ? kind
      : Array.isArray(data)
        ? `one of ${data.length}`
        : `${kind} that is not`;
  return { pointer: pointerTo(path), keyword, message: `Expected ${expected(error)}; found ${found}.` };
}

const propertiesOf = (schema: object | undefined): object =>
  schema !== undefined &&
  'properties' in schema &&
  typeof schema.properties === 'object' &&
  schema.properties !== null
    ? schema.properties
    : {};

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

const formatNames: Readonly<Record<string, string>> = {
  uuid: 'an id (UUID, in lower case)',
  'date-time': 'an instant such as 2025-03-01T09:30:00Z',
};

const items = (count: unknown): string => (count === 1 ? '1 item' : `${count} items`);

function expected({ keyword, params }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return typeNames[String(params.type)] ?? String(params.type);
    case 'enum':
      return `one of ${JSON.stringify(params.allowedValues)}`;
    case 'const':
      return JSON.stringify(params.allowedValue);
    case 'format':
      return formatNames[String(params.format)] ?? `the format ${params.format}`;
    case 'pattern':
      return params.pattern === '\\S' ? 'text that is not blank' : `text matching ${params.pattern}`;
    case 'minLength':
      return params.limit === 1 ? 'text that is not empty' : `text of at least ${params.limit} characters`;
    case 'maxLength':
      return `text of at most ${params.limit} characters`;
    case 'minProperties':
      return `an object with at least ${params.limit === 1 ? '1 member' : `${params.limit} members`}`;
    case 'minItems':
      return `a list of at least ${items(params.limit)}`;
    case 'maxItems':
      return `a list of at most ${items(params.limit)}`;
    case 'minimum':
      return `at least ${params.limit}`;
    case 'maximum':
      return `at most ${params.limit}`;
    default:
      return 'one of the forms that the API description lists';
  }
}
