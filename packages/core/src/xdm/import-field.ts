import type { XdmField } from './field.ts';
import { numberRules, optional, textRules } from './import-rules.ts';
import { isJsonObject } from './json-inspection.ts';
import { exactPointerTo } from './json-pointer.ts';
import {
  expandSchema,
  oneValueOf,
  refuse,
  type SchemaNode,
  type SchemaReading,
  valuesOf,
} from './json-schema-node.ts';
import { isPropertyName } from './unsafe-keys.ts';

const maxDepth = 20;
const longestTitle = 200;
const longestDescription = 2_000;

/** Keywords that say nothing of which values fit. `meta:…` ones are like them, but for `meta:xdmType`. */
const annotations: ReadonlySet<string> = new Set(
  '$schema $id $comment $defs $ref allOf definitions title description default examples deprecated readOnly writeOnly meta version imsOrg refs'.split(
    ' ',
  ),
);
/** Keywords that say which values of a type fit, and that a field can keep. */
const ruleKeywords: Readonly<Record<XdmField['type'], readonly string[]>> = {
  string: ['format', 'enum', 'pattern', 'minLength', 'maxLength'],
  integer: ['minimum', 'maximum'],
  number: ['minimum', 'maximum'],
  boolean: [],
  object: ['properties', 'required', 'additionalProperties'],
  map: ['additionalProperties'],
  array: ['items'],
};

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
            `${JSON.stringify(name.slice(0, 100))} cannot be the name of a property: use letters, digits and _, not starting with a digit.`,
          );
        else
          parts.set(name, [
            ...(parts.get(name) ?? []),
            ...expandSchema(reading, schema, pointer + exactPointerTo([key]), refs),
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
      if (keyword === 'type' || ruleKeywords[type].includes(keyword)) continue;
      if (annotations.has(keyword) || keyword.startsWith('meta:')) continue;
      const shown = /^[$A-Za-z][A-Za-z:]{0,50}$/.test(keyword) ? `"${keyword}"` : 'This keyword';
      refuse(
        reading,
        pointer,
        `${shown} cannot be kept for a field of type ${type}. Leave it out${ruleKeywords[type].length > 0 ? `; known here: ${ruleKeywords[type].join(', ')}` : ''}.`,
      );
    }
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
