import type { IntegerSize, XdmField } from './field.ts';
import { integerBounds } from './json-schema.ts';
import {
  expandSchema,
  isJsonObject,
  oneValueOf,
  refuse,
  type SchemaNode,
  type SchemaReading,
  valuesOf,
} from './json-schema-node.ts';
import { checkPattern } from './pattern.ts';
import { isPropertyName } from './unsafe-keys.ts';

const maxDepth = 20;
const maxEnumValues = 1_000;
const longestText = 65_536;
const longestTitle = 200;
const longestDescription = 2_000;

/** Keywords that say nothing of which values fit. `meta:…` ones are like them, but for `meta:xdmType`. */
const annotations: ReadonlySet<string> = new Set(
  '$schema $id $comment $defs $ref allOf definitions title description default examples deprecated readOnly writeOnly meta version imsOrg refs'.split(
    ' ',
  ),
);
/** Keywords that say which values of a type fit, and that a field can keep. */
const rules: Readonly<Record<XdmField['type'], readonly string[]>> = {
  string: ['format', 'enum', 'pattern', 'minLength', 'maxLength'],
  integer: ['minimum', 'maximum'],
  number: ['minimum', 'maximum'],
  boolean: [],
  object: ['properties', 'required', 'additionalProperties'],
  map: ['additionalProperties'],
  array: ['items'],
};
const formats = ['date', 'date-time', 'uri', 'uri-reference'] as const;

/**
 * The field a node describes. What a field cannot keep is refused at its pointer, never dropped; a field with
 * faults comes out without them, so that reading goes on to find the rest.
 */
export function importField(reading: SchemaReading, node: SchemaNode, name: string, depth = 0): XdmField {
  const described = {
    title: textOf(reading, node, 'title', longestTitle) ?? name,
    ...optional('description', textOf(reading, node, 'description', longestDescription)),
  };
  const type = typeOf(reading, node);
  if (depth > maxDepth) {
    refuse(reading, node[0]?.pointer ?? '', `Fields nest deeper than ${maxDepth} levels.`);
    return { type: 'boolean', ...described };
  }
  refuseOtherKeywords(reading, node, type);
  switch (type) {
    case 'string':
      return { type, ...described, ...textRules(reading, node) };
    case 'integer':
    case 'number':
      return { type, ...described, ...numberRules(reading, node, type) };
    case 'boolean':
      return { type, ...described };
    case 'object':
      return { type, ...described, ...importProperties(reading, node, depth) };
    case 'map':
      return { type, ...described, values: importInner(reading, node, 'additionalProperties', depth) };
    case 'array':
      return { type, ...described, items: importInner(reading, node, 'items', depth) };
  }
}

/** The properties of an object, with XDM's prefix dropped, and the required ones among them. */
function importProperties(reading: SchemaReading, node: SchemaNode, depth: number) {
  const parts = new Map<string, SchemaNode>();
  for (const { value, pointer, refs } of valuesOf(node, 'properties')) {
    if (!isJsonObject(value)) refuse(reading, pointer, 'Expected an object: property name → schema.');
    else
      for (const [key, schema] of Object.entries(value)) {
        const name = plainName(key);
        if (!isPropertyName(name))
          refuse(
            reading,
            pointer,
            'A property has a name that is not allowed: use letters, digits and _, not starting with a digit.',
          );
        else
          parts.set(name, [
            ...(parts.get(name) ?? []),
            ...expandSchema(
              reading,
              schema,
              `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
              refs,
            ),
          ]);
      }
  }
  const properties = Object.fromEntries(
    [...parts].map(([name, part]) => [name, importField(reading, part, name, depth + 1)]),
  );
  const required = new Set<string>();
  for (const { value, pointer } of valuesOf(node, 'required')) {
    if (!Array.isArray(value)) refuse(reading, pointer, 'Expected a list of property names.');
    else
      for (const [index, key] of value.entries()) {
        const name = typeof key === 'string' ? plainName(key) : '';
        if (Object.hasOwn(properties, name)) required.add(name);
        else
          refuse(
            reading,
            `${pointer}/${index}`,
            'There is no property of this name. Define it, or leave it out here.',
          );
      }
  }
  return { properties, ...(required.size > 0 && { required: [...required] }) };
}

const plainName = (key: string): string => (key === '@id' ? '_id' : key.replace(/^xdm:/, ''));

function importInner(reading: SchemaReading, node: SchemaNode, keyword: string, depth: number): XdmField {
  const inner = valuesOf(node, keyword).flatMap(({ value, pointer, refs }) =>
    expandSchema(reading, value, pointer, refs),
  );
  return importField(reading, inner, keyword === 'items' ? 'Item' : 'Value', depth + 1);
}

function typeOf(reading: SchemaReading, node: SchemaNode): XdmField['type'] {
  const given = oneValueOf(reading, node, 'type');
  const pointer = node[0]?.pointer ?? '';
  const has = (keyword: string) => valuesOf(node, keyword).length > 0;
  const type =
    given?.value ??
    (has('properties') || has('additionalProperties') ? 'object' : has('items') ? 'array' : undefined);
  if (type === 'object') {
    const freeKeys = valuesOf(node, 'additionalProperties').filter(({ value }) => value !== false);
    if (!has('properties') && freeKeys.length > 0) return 'map';
    for (const free of freeKeys)
      refuse(
        reading,
        free.pointer,
        'An object has either named properties or free keys of one type. Keep one of the two.',
      );
    if (!has('properties') && node.length > 0)
      refuse(
        reading,
        pointer,
        'An object needs `properties`, or `additionalProperties` with a schema (a map).',
      );
    return 'object';
  }
  if (type === 'array') {
    if (!has('items')) refuse(reading, pointer, 'A list needs `items`: the schema of each item.');
    return 'array';
  }
  if (type === 'string' || type === 'integer' || type === 'number' || type === 'boolean') return type;
  if (node.length > 0)
    refuse(
      reading,
      given?.pointer ?? pointer,
      Array.isArray(type)
        ? 'A field has one type. (Null is never stored: a record leaves the key out.)'
        : 'Expected `type` to be one of string, integer, number, boolean, object, array.',
    );
  return 'boolean';
}

function refuseOtherKeywords(reading: SchemaReading, node: SchemaNode, type: XdmField['type']): void {
  for (const { keywords, pointer } of node)
    for (const keyword of Object.keys(keywords)) {
      if (keyword === 'type' || rules[type].includes(keyword)) continue;
      if (annotations.has(keyword) || keyword.startsWith('meta:')) continue;
      const shown = /^[$A-Za-z][A-Za-z:]{0,50}$/.test(keyword) ? `"${keyword}"` : 'This keyword';
      refuse(
        reading,
        pointer,
        `${shown} cannot be kept for a field of type ${type}. Leave it out${rules[type].length > 0 ? `; known here: ${rules[type].join(', ')}` : ''}.`,
      );
    }
}

function textRules(reading: SchemaReading, node: SchemaNode) {
  const format = oneValueOf(reading, node, 'format');
  const xdmType = valuesOf(node, 'meta:xdmType')[0]?.value;
  const known = formats.find((candidate) => candidate === (format === undefined ? xdmType : format.value));
  if (format !== undefined && known === undefined)
    refuse(
      reading,
      format.pointer,
      `This format is not checked here. Known: ${formats.join(', ')}; or leave it out.`,
    );

  const values = oneValueOf(reading, node, 'enum');
  const isList =
    Array.isArray(values?.value) &&
    values.value.length > 0 &&
    values.value.length <= maxEnumValues &&
    new Set(values.value).size === values.value.length &&
    values.value.every(
      (value) => typeof value === 'string' && value !== '' && value.length <= longestDescription,
    );
  if (values !== undefined && !isList)
    refuse(
      reading,
      values.pointer,
      `Expected a list of 1 to ${maxEnumValues} different texts, none of them empty.`,
    );

  const pattern = oneValueOf(reading, node, 'pattern');
  const fault =
    pattern === undefined
      ? undefined
      : typeof pattern.value !== 'string'
        ? 'is no text'
        : checkPattern(pattern.value);
  if (pattern !== undefined && fault !== undefined) refuse(reading, pattern.pointer, `The pattern ${fault}.`);

  const minLength = countOf(reading, node, 'minLength', 0);
  const maxLength = countOf(reading, node, 'maxLength', Math.max(1, minLength ?? 0));
  return {
    ...optional('format', known),
    ...optional('enum', isList ? (values.value as string[]) : undefined),
    ...optional('pattern', fault === undefined ? (pattern?.value as string | undefined) : undefined),
    ...optional('minLength', minLength),
    ...optional('maxLength', maxLength),
  };
}

const sizes = new Map<unknown, IntegerSize>([
  ['byte', 'byte'],
  ['short', 'short'],
  ['int', 'int'],
  ['integer', 'int'],
]);

function numberRules(reading: SchemaReading, node: SchemaNode, type: 'integer' | 'number') {
  const size = type === 'integer' ? sizes.get(valuesOf(node, 'meta:xdmType')[0]?.value) : undefined;
  const bounds =
    type === 'integer'
      ? integerBounds[size ?? 'long']
      : { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
  const given = ['minimum', 'maximum'].map((keyword) => {
    const found = oneValueOf(reading, node, keyword);
    if (found === undefined) return undefined;
    if (typeof found.value === 'number' && Number.isFinite(found.value)) return found.value;
    return refuse(reading, found.pointer, 'Expected a number.');
  });
  const [minimum, maximum] = given;
  if ((minimum ?? bounds.least) > (maximum ?? bounds.most))
    refuse(reading, node[0]?.pointer ?? '', 'The minimum is above the maximum: no number fits.');
  return {
    ...optional('size', size),
    // What the size says already is not said again.
    ...optional('minimum', minimum !== undefined && minimum > bounds.least ? minimum : undefined),
    ...optional('maximum', maximum !== undefined && maximum < bounds.most ? maximum : undefined),
  };
}

function countOf(
  reading: SchemaReading,
  node: SchemaNode,
  keyword: string,
  least: number,
): number | undefined {
  const found = oneValueOf(reading, node, keyword);
  if (found === undefined) return undefined;
  const { value, pointer } = found;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= longestText)
    return value;
  refuse(reading, pointer, `Expected a whole number from ${least} to ${longestText}.`);
  return undefined;
}

/** The first text that parts give; the outermost comes first. */
function textOf(
  reading: SchemaReading,
  node: SchemaNode,
  keyword: string,
  longest: number,
): string | undefined {
  const [first] = valuesOf(node, keyword);
  if (first === undefined || first.value === '') return undefined;
  if (typeof first.value === 'string' && first.value.length <= longest) return first.value;
  refuse(reading, first.pointer, `Expected text of at most ${longest} characters.`);
  return undefined;
}

const optional = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [key in Key]?: Value } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [key in Key]?: Value });
