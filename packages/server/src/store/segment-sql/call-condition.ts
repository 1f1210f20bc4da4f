import { compareWithLiteral, fieldAt, isOfType, jsonAt, literalJson, textOf } from './json-value.ts';
import { isStorable } from './parameters.ts';
import type { RuleNode, RuleNodeOf, Translating } from './rule-condition.ts';

/** A call on a field as SQL; undefined where SQL cannot say. */
export function callCondition(node: RuleNodeOf<'call'>, translating: Translating): string | undefined {
  if (node.name === 'inSegment') return inSegment(node.arguments[0], translating);
  const { target } = node;
  if (target === undefined) return undefined;
  if (node.name === 'isNull' || node.name === 'isNotNull') {
    const there = isThere(target, translating);
    return there === undefined || node.name === 'isNotNull' ? there : `not ${there}`;
  }
  const [first, second] = node.arguments;
  if (first === undefined) return undefined;
  if (node.name === 'includes') return listHas(target, first, translating);
  if (second !== undefined && !(second.kind === 'literal' && second.value === true)) return undefined;
  const field = fieldAt(target, translating);
  if (field === undefined) return undefined;
  if (node.name === 'equals') return compareWithLiteral(field, '=', first, translating);
  if (node.name === 'notEqualTo') return compareWithLiteral(field, '!=', first, translating);
  if (field.type !== 'text' || first.kind !== 'literal' || typeof first.value !== 'string') return undefined;
  if (!isStorable(first.value)) return undefined;
  const test = textTest(node.name, textOf(field.sql), translating.parameters.add(first.value, 'text'));
  return test && `(${test}) is true`;
}

function textTest(name: string, text: string, part: string): string | undefined {
  switch (name) {
    case 'startsWith':
      return `starts_with(${text}, ${part})`;
    case 'doesNotStartWith':
      return `not starts_with(${text}, ${part})`;
    case 'endsWith':
      return `right(${text}, char_length(${part})) = ${part}`;
    case 'doesNotEndWith':
      return `right(${text}, char_length(${part})) <> ${part}`;
    case 'contains':
      return `position(${part} in ${text}) > 0`;
    case 'doesNotContain':
      return `position(${part} in ${text}) = 0`;
    default:
      return undefined;
  }
}

/** Of a group or list only where it is a field of the row itself: further in, what leads there could be a list. */
function isThere(target: RuleNode, translating: Translating): string | undefined {
  const field = fieldAt(target, translating);
  if (field !== undefined) return field.type === 'date' ? undefined : `(${isOfType(field)})`;
  const json = jsonOfOwn(target, translating);
  if (json === undefined) return undefined;
  if (translating.types.get(target)?.kind !== 'list')
    return `(jsonb_typeof(${json}) = 'object' and ${json} <> '{}') is true`;
  const length = lengthOf(json, target, translating);
  return length && `(${length} > 0)`;
}

function jsonOfOwn(node: RuleNode, translating: Translating): string | undefined {
  if (node.kind !== 'path' || node.steps.length !== 1) return undefined;
  const kind = translating.types.get(node)?.kind;
  return kind === 'list' || kind === 'object' || kind === 'map' ? jsonAt(node, translating) : undefined;
}

/** Whether a list of single values has one. */
export function listHas(list: RuleNode, item: RuleNode, translating: Translating): string | undefined {
  const type = translating.types.get(list);
  const json = jsonOfOwn(list, translating);
  if (json === undefined || type?.kind !== 'list') return undefined;
  const { kind } = type.items;
  if (kind !== 'text' && kind !== 'number' && kind !== 'boolean') return undefined;
  const wanted = literalJson(kind, item);
  if (wanted === undefined) return undefined;
  return `(jsonb_typeof(${json}) = 'array' and ${json} @> ${translating.parameters.add(`[${wanted}]`, 'jsonb')}) is true`;
}

/** `interests.count()`; never null. */
export function listLength(node: RuleNode, translating: Translating): string | undefined {
  if (node.kind !== 'call' || node.name !== 'count' || node.target === undefined) return undefined;
  if (translating.types.get(node.target)?.kind !== 'list') return undefined;
  const json = jsonOfOwn(node.target, translating);
  return json && lengthOf(json, node.target, translating);
}

const jsonTypes = { text: 'string', number: 'number', boolean: 'boolean', object: 'object' } as const;

/** How many items a list has; those of another kind than declared are not in it. Whether a text is a time SQL cannot say. */
function lengthOf(json: string, list: RuleNode, { types }: Translating): string | undefined {
  const type = types.get(list);
  const kind = type?.kind === 'list' ? type.items.kind : undefined;
  if (kind !== 'text' && kind !== 'number' && kind !== 'boolean' && kind !== 'object') return undefined;
  return `(case jsonb_typeof(${json}) when 'array' then (select count(*) from jsonb_array_elements(${json}) item
       where jsonb_typeof(item) in ('${jsonTypes[kind]}', 'null')) else 0 end)`;
}

const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function inSegment(id: RuleNode | undefined, { row, parameters }: Translating): string | undefined {
  if (row.document !== 'p.document' || id?.kind !== 'literal' || typeof id.value !== 'string')
    return undefined;
  if (!idPattern.test(id.value)) return 'false';
  return `exists (select from segment_membership s where s.bucket = p.bucket and s.profile_id = p.profile_id
    and s.segment_id = ${parameters.add(id.value, 'uuid')} and s.status <> 'exited')`;
}
