import type { ErrorDetail } from '../errors/headrace-error.ts';
import type { XdmField, XdmNumber, XdmObject, XdmString } from './field.ts';
import { boundsOf } from './json-schema.ts';
import { nearestName } from './nearest-name.ts';
import { listFields } from './path.ts';

/** What hangs on a schema or field group that is to change. */
export type SchemaUsage = {
  /** Whether records of it were ever ingested. */
  readonly hasRecords: boolean;
};

/**
 * Why fields may not change from `before` to `after`; empty when they may. Every record that fitted before fits
 * after, and every rule and mapping goes on meaning what it meant: fields are added, required ones become
 * optional, limits become wider, titles and descriptions change, and nothing else. A new field may be required
 * where there are no records.
 *
 * Pointers are into the JSON Schema of the fields. Source of the rules: the platform's XDM, schema/composition.
 */
export function checkEvolution(
  before: XdmObject,
  after: XdmObject,
  usage: SchemaUsage,
): readonly ErrorDetail[] {
  const errors: ErrorDetail[] = [];
  const known = new Set([...listFields(before)].map(({ path }) => path));
  const added = [...listFields(after)].map(({ path }) => path).filter((path) => !known.has(path));
  compareFields({ errors, usage, added }, before, after, [], '');
  return errors;
}

type Comparing = {
  readonly errors: ErrorDetail[];
  readonly usage: SchemaUsage;
  /** Paths of new fields, anywhere. */
  readonly added: readonly string[];
};

function compareFields(
  comparing: Comparing,
  before: XdmField,
  after: XdmField,
  path: readonly string[],
  pointer: string,
): void {
  const name = path.join('.');
  if (before.type !== after.type)
    refuse(
      comparing,
      pointer,
      'type',
      `${name} is ${before.type} and would become ${after.type}. A field keeps its type. Add a field with another name, and leave this one.`,
    );
  else if (before.type === 'object' && after.type === 'object')
    compareObjects(comparing, before, after, path, pointer);
  else if (before.type === 'map' && after.type === 'map')
    compareFields(comparing, before.values, after.values, [...path, '*'], `${pointer}/additionalProperties`);
  else if (before.type === 'array' && after.type === 'array')
    compareFields(comparing, before.items, after.items, [...path, '[]'], `${pointer}/items`);
  else if (before.type === 'string' && after.type === 'string')
    compareTexts(comparing, before, after, name, pointer);
  else if (isNumber(before) && isNumber(after)) compareNumbers(comparing, before, after, name, pointer);
}

function compareObjects(
  comparing: Comparing,
  before: XdmObject,
  after: XdmObject,
  path: readonly string[],
  pointer: string,
): void {
  for (const [key, field] of Object.entries(before.properties)) {
    const at = [...path, key];
    const next = Object.hasOwn(after.properties, key) ? after.properties[key] : undefined;
    if (next !== undefined) compareFields(comparing, field, next, at, `${pointer}/properties/${key}`);
    else
      refuse(
        comparing,
        `${pointer}/properties/${key}`,
        'removed',
        `${at.join('.')} would be removed. A field stays once it is there: profiles, rules and mappings may use it.${guessOf(comparing, at)} Keep it; a new field can stand beside it.`,
      );
  }
  const wasRequired = new Set(before.required);
  for (const key of after.required ?? []) {
    if (wasRequired.has(key)) continue;
    const name = [...path, key].join('.');
    if (Object.hasOwn(before.properties, key))
      refuse(
        comparing,
        `${pointer}/required`,
        'required',
        `${name} is optional and would become required. Records without it were taken so far. Leave it optional.`,
      );
    else if (comparing.usage.hasRecords)
      refuse(
        comparing,
        `${pointer}/required`,
        'required',
        `${name} would be new and required, and there are records already, which lack it. Make it optional.`,
      );
  }
}

/** What a person may have meant by removing a field. */
function guessOf({ added }: Comparing, path: readonly string[]): string {
  const name = path.at(-1) ?? '';
  const moved = added.find((other) => other === name || other.endsWith(`.${name}`));
  if (moved !== undefined) return ` (Moving it to ${moved} is that, too.)`;
  const renamed = nearestName(path.join('.'), added);
  return renamed === undefined ? '' : ` (Renaming it to ${renamed} is that, too.)`;
}

function compareTexts(
  comparing: Comparing,
  before: XdmString,
  after: XdmString,
  name: string,
  pointer: string,
): void {
  if (before.format !== after.format)
    refuse(
      comparing,
      `${pointer}/format`,
      'format',
      `${name} has ${before.format === undefined ? 'no format' : `the format ${before.format}`} and would get ${after.format ?? 'none'}. That is another kind of value, and rules that use it would mean something else. Add a field with another name.`,
    );
  if (after.enum !== undefined) {
    const values = new Set(after.enum);
    const lost = before.enum === undefined ? undefined : before.enum.filter((value) => !values.has(value));
    if (lost === undefined || lost.length > 0)
      refuse(
        comparing,
        `${pointer}/enum`,
        'enum',
        lost === undefined
          ? `${name} takes any text and would take a list of values only. Values that were taken so far would be refused. Leave the list out.`
          : `${name} would no longer take ${lost.map((value) => JSON.stringify(value.slice(0, 100))).join(', ')}. Values may be added to a list, not taken away. Keep them.`,
      );
  }
  if (after.pattern !== undefined && after.pattern !== before.pattern)
    refuse(
      comparing,
      `${pointer}/pattern`,
      'pattern',
      `${name} would have to match ${before.pattern === undefined ? 'a pattern' : 'another pattern'}. Values that were taken so far might be refused. Leave the pattern ${before.pattern === undefined ? 'out' : 'as it is, or out'}.`,
    );
  compareLimits(comparing, name, pointer, [
    { keyword: 'minLength', before: before.minLength, after: after.minLength },
    { keyword: 'maxLength', before: before.maxLength, after: after.maxLength },
  ]);
}

function compareNumbers(
  comparing: Comparing,
  before: XdmNumber,
  after: XdmNumber,
  name: string,
  pointer: string,
): void {
  const [was, is] = [boundsOf(before), boundsOf(after)];
  compareLimits(comparing, name, pointer, [
    { keyword: 'minimum', before: was.least, after: is.least },
    { keyword: 'maximum', before: was.most, after: is.most },
  ]);
}

type Limit = {
  readonly keyword: 'minLength' | 'maxLength' | 'minimum' | 'maximum';
  readonly before: number | undefined;
  readonly after: number | undefined;
};

function compareLimits(comparing: Comparing, name: string, pointer: string, limits: readonly Limit[]): void {
  for (const { keyword, before, after } of limits) {
    if (after === undefined) continue;
    const isNarrower = keyword.startsWith('min')
      ? after > (before ?? Number.NEGATIVE_INFINITY)
      : after < (before ?? Number.POSITIVE_INFINITY);
    if (!isNarrower) continue;
    const was = before === undefined ? 'no such limit' : `${before}`;
    refuse(
      comparing,
      `${pointer}/${keyword}`,
      keyword,
      `${name} has ${was} as ${keyword} and would have ${after}. Values that were taken so far might be refused. Leave the limit as it is, or make it wider.`,
    );
  }
}

const isNumber = (field: XdmField): field is XdmNumber => field.type === 'integer' || field.type === 'number';

const refuse = ({ errors }: Comparing, pointer: string, keyword: string, message: string): void => {
  errors.push({ pointer, keyword, message });
};
