import type { IntegerSize } from './field.ts';
import { integerBounds } from './json-schema.ts';
import { oneValueOf, refuse, type SchemaNode, type SchemaReading, valuesOf } from './json-schema-node.ts';
import { checkPattern } from './pattern.ts';

const maxEnumValues = 1_000;
const longestChoice = 1_000;
const longestText = 65_536;
const formats = ['date', 'date-time', 'uri', 'uri-reference'] as const;

/** Which texts fit, as the keywords of a node say. */
export function textRules(reading: SchemaReading, node: SchemaNode) {
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
  if (values !== undefined && !isChoice(values.value))
    refuse(
      reading,
      values.pointer,
      `Expected a list of 1 to ${maxEnumValues} different texts, none of them empty.`,
    );

  const minLength = countOf(reading, node, 'minLength', 0);
  const maxLength = countOf(reading, node, 'maxLength', Math.max(1, minLength ?? 0));
  return {
    ...optional('format', known),
    ...optional('enum', isChoice(values?.value) ? values.value : undefined),
    ...optional('pattern', patternOf(reading, node)),
    ...optional('minLength', minLength),
    ...optional('maxLength', maxLength),
  };
}

const isChoice = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= maxEnumValues &&
  new Set(value).size === value.length &&
  value.every((text) => typeof text === 'string' && text !== '' && text.length <= longestChoice);

function patternOf(reading: SchemaReading, node: SchemaNode): string | undefined {
  const found = oneValueOf(reading, node, 'pattern');
  if (found === undefined) return undefined;
  const { value, pointer } = found;
  const fault = typeof value === 'string' ? checkPattern(value) : 'is no text';
  if (typeof value === 'string' && fault === undefined) return value;
  refuse(reading, pointer, `The pattern ${fault}.`);
  return undefined;
}

const sizes = new Map<unknown, IntegerSize>([
  ['byte', 'byte'],
  ['short', 'short'],
  ['int', 'int'],
  ['integer', 'int'],
]);

/** Which numbers fit; what the size of an integer says is not said again. */
export function numberRules(reading: SchemaReading, node: SchemaNode, type: 'integer' | 'number') {
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

/** A member that is there or not, never undefined. */
export const optional = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [key in Key]?: Value } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [key in Key]?: Value });
