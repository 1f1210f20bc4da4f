import { isStorable } from './parameters.ts';
import type { RuleNode, RuleNodeOf, Translating } from './rule-condition.ts';

export type CompareOperator = RuleNodeOf<'compare'>['operator'];

/** A field of a row's document: jsonb in SQL, which may hold another type than the schema says, or null. */
export type JsonField = { readonly sql: string; readonly type: 'text' | 'number' | 'boolean' | 'date' };

const jsonTypes = { text: 'string', number: 'number', boolean: 'boolean', date: 'string' } as const;

/** SQL spells one of them in another way. */
const spell = (operator: CompareOperator): string => (operator === '!=' ? '<>' : operator);

/** Where a path leads in its row, as jsonb; undefined where it begins elsewhere. */
export function jsonAt(node: RuleNode, { row, parameters }: Translating): string | undefined {
  if (node.kind !== 'path' || node.steps.length === 0 || !row.isRoot(node.root)) return undefined;
  if (node.steps.some(({ key }) => !isStorable(key))) return undefined;
  return [row.document, ...node.steps.map(({ key }) => parameters.add(key, 'text'))].join('->');
}

/** A field with a single value. What the path leads through are groups then: a list makes lists of what is in it. */
export function fieldAt(node: RuleNode, translating: Translating): JsonField | undefined {
  const kind = translating.types.get(node)?.kind;
  if (kind !== 'text' && kind !== 'number' && kind !== 'boolean' && kind !== 'date') return undefined;
  const sql = jsonAt(node, translating);
  return sql === undefined ? undefined : { sql, type: kind };
}

export const isOfType = ({ sql, type }: JsonField): string =>
  `(jsonb_typeof(${sql}) = '${jsonTypes[type]}') is true`;

/** Null where the field holds no text. */
export const textOf = (sql: string): string =>
  `(case when jsonb_typeof(${sql}) = 'string' then ${sql} #>> '{}' end)`;
export const numberOf = (sql: string): string =>
  `(case when jsonb_typeof(${sql}) = 'number' then (${sql})::numeric end)`;

/** Whether the field stands in a relation to a literal; undefined where SQL cannot say so. */
export function compareWithLiteral(
  field: JsonField,
  operator: CompareOperator,
  literal: RuleNode,
  { parameters }: Translating,
): string | undefined {
  if (field.type === 'date') {
    const day = dayOf(literal);
    return day === undefined
      ? undefined
      : `(${dayText(field.sql)} ${spell(operator)} ${parameters.add(day, 'text')}) is true`;
  }
  const json = literalJson(field.type, literal);
  if (json === undefined) return undefined;
  const value = parameters.add(json, 'jsonb');
  if (operator === '=') return `(${field.sql} = ${value}) is true`;
  if (operator === '!=') return `(${field.sql} <> ${value} and ${isOfType(field)}) is true`;
  if (field.type === 'boolean') return undefined;
  // jsonb orders numbers as numeric does, but texts by the collation of the database.
  if (field.type === 'number') return `(${field.sql} ${operator} ${value} and ${isOfType(field)}) is true`;
  const text = literal.kind === 'literal' ? parameters.add(String(literal.value), 'text') : undefined;
  return text && `(${textOf(field.sql)} collate "C" ${operator} ${text}) is true`;
}

/** Two fields of a row beside one another. */
export function compareFields(
  left: JsonField,
  operator: CompareOperator,
  right: JsonField,
): string | undefined {
  if (left.type !== right.type || left.type === 'date') return undefined;
  const both = `${isOfType(left)} and ${isOfType(right)}`;
  if (operator === '=' || operator === '!=' || left.type === 'number')
    return `(${left.sql} ${spell(operator)} ${right.sql} and ${both}) is true`;
  if (left.type === 'boolean') return undefined;
  return `(${textOf(left.sql)} collate "C" ${operator} ${textOf(right.sql)}) is true`;
}

/** Ingestion lets in only real days in this form, whose order is that of their texts. */
const dayText = (sql: string): string =>
  `(case when jsonb_typeof(${sql}) = 'string' and ${sql} #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then ${sql} #>> '{}' end) collate "C"`;

function dayOf(node: RuleNode): string | undefined {
  if (node.kind === 'date')
    return [
      String(node.year).padStart(4, '0'),
      ...[node.month, node.day].map((part) => String(part).padStart(2, '0')),
    ].join('-');
  if (node.kind !== 'literal' || typeof node.value !== 'string') return undefined;
  return /^\d{4}-\d{2}-\d{2}$/.test(node.value) ? node.value : undefined;
}

/** A literal of that type as JSON text. */
export function literalJson(type: 'text' | 'number' | 'boolean', node: RuleNode): string | undefined {
  if (node.kind !== 'literal' || typeof node.value !== (type === 'text' ? 'string' : type)) return undefined;
  return typeof node.value === 'string' && !isStorable(node.value) ? undefined : JSON.stringify(node.value);
}
