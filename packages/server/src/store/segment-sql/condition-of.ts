import type { SegmentRule } from '@headrace/core';
import { textArray } from '../array-parameters.ts';
import { callCondition, listHas, listLength } from './call-condition.ts';
import { EventColumns } from './event-columns.ts';
import { compareEvents, existsEvent } from './event-condition.ts';
import { occursBeforeNow } from './event-time.ts';
import {
  type CompareOperator,
  compareFields,
  compareWithLiteral,
  fieldAt,
  isOfType,
  literalJson,
} from './json-value.ts';
import { Parameters, renumber } from './parameters.ts';
import {
  allOf,
  anyOf,
  type Bound,
  type Condition,
  exact,
  opposite,
  type RowScope,
  type RuleNode,
  type RuleNodeOf,
  type Translating,
  unknownCondition,
} from './rule-condition.ts';

/** Behind those of the range of buckets. */
const firstParameter = 3;

/** A rule over the profiles of the buckets $1 to $2. */
export type RuleSql = {
  /**
   * What stands behind `from`: profiles as `p`, with what the rule needs of their events. An exact one that asks for
   * nothing but events has no document there.
   */
  readonly from: string;
  /** Never null. */
  readonly condition: string;
  /** From $3 on. */
  readonly values: readonly string[];
  /** Whether it finds the very members; else it finds those and others, too. */
  readonly isExact: boolean;
};

/**
 * A rule as SQL: as much of it as SQL says with the very meaning it has in JavaScript. What it cannot say is taken to be
 * true. Numbers in documents must be written as JavaScript writes them and dates be real days, as ingestion sees to.
 */
export function conditionOf({ ast, types }: Pick<SegmentRule, 'ast' | 'types'>, now: Date): RuleSql {
  const [parameters, columns] = [new Parameters(firstParameter), new EventColumns()];
  const [name] = ast.kind === 'lambda' ? ast.parameters : [];
  const row: RowScope = {
    document: 'p.document',
    isRoot: (root) =>
      (root.kind === 'scope' && root.up === 0) ||
      (root.kind === 'parameter' && root.number === 1) ||
      (root.kind === 'variable' && root.name === name),
  };
  const body = ast.kind === 'lambda' ? ast.body : ast;
  const { sql, isExact, needsEvents } = translate(
    body,
    { types, now, parameters, columns, row, translate },
    'upper',
  );
  // Whoever has events is there: profiles need not be looked up to know it.
  const isOfEvents = isExact && needsEvents === true && !sql.includes(row.document);
  const source = isOfEvents ? columns.alone : `profile p${columns.join}`;
  const { texts, values } = renumber([source, sql], parameters.values, firstParameter);
  const [from = '', condition = ''] = texts;
  return { from, condition, values, isExact };
}

function translate(node: RuleNode, translating: Translating, bound: Bound): Condition {
  switch (node.kind) {
    case 'literal':
      return exact(node.value === true ? 'true' : 'false');
    case 'logic': {
      const operands = node.operands.map((operand) => translate(operand, translating, bound));
      return node.operator === 'and' ? allOf(operands) : anyOf(operands);
    }
    case 'not': {
      const { sql, isExact } = translate(node.operand, translating, opposite(bound));
      return { sql: sql === 'true' ? 'false' : sql === 'false' ? 'true' : `(not ${sql})`, isExact };
    }
    case 'quantifier':
      return bounded(existsEvent(node, translating, bound), bound);
    case 'occurs':
      return occursBeforeNow(node, translating) ?? unknownCondition(bound);
    case 'compare':
      return bounded(compareCondition(node, translating, bound), bound);
    case 'path': {
      const field = fieldAt(node, translating);
      if (field?.type === 'boolean') return exact(`(${field.sql} = 'true'::jsonb) is true`);
      return bounded(existsEvent(node, translating, bound), bound);
    }
    case 'membership':
      return bounded(maybeExact(membershipCondition(node, translating)), bound);
    case 'call': {
      const ofField = callCondition(node, translating);
      return ofField === undefined ? bounded(existsEvent(node, translating, bound), bound) : exact(ofField);
    }
    case 'select':
      return bounded(existsEvent(node, translating, bound), bound);
    default:
      return unknownCondition(bound);
  }
}

const bounded = (condition: Condition | undefined, bound: Bound): Condition =>
  condition ?? unknownCondition(bound);

const maybeExact = (sql: string | undefined): Condition | undefined =>
  sql === undefined ? undefined : exact(sql);

const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function compareCondition(
  node: RuleNodeOf<'compare'>,
  translating: Translating,
  bound: Bound,
): Condition | undefined {
  const [left, right] = [fieldAt(node.left, translating), fieldAt(node.right, translating)];
  if (left !== undefined && right !== undefined) return maybeExact(compareFields(left, node.operator, right));
  const isTurned = node.left.kind === 'literal' || node.left.kind === 'date';
  const [value, literal] = isTurned ? [node.right, node.left] : [node.left, node.right];
  const operator = isTurned ? mirrored[node.operator] : node.operator;
  const field = isTurned ? right : left;
  if (field !== undefined) return maybeExact(compareWithLiteral(field, operator, literal, translating));
  const length = listLength(value, translating);
  if (length === undefined) return compareEvents(value, operator, literal, translating, bound);
  if (literal.kind !== 'literal' || typeof literal.value !== 'number') return undefined;
  const number = translating.parameters.add(String(literal.value), 'float8');
  return exact(`(${length} ${operator === '!=' ? '<>' : operator} ${number})`);
}

function membershipCondition(node: RuleNodeOf<'membership'>, translating: Translating): string | undefined {
  const { value, list, operator } = node;
  if (list.kind !== 'list') {
    const has = listHas(list, value, translating);
    return operator === 'in' ? has : undefined;
  }
  const field = fieldAt(value, translating);
  if (field === undefined || field.type === 'date') return undefined;
  const { type } = field;
  const items = list.items.map((item) => literalJson(type, item));
  if (items.includes(undefined)) return undefined;
  const wanted = translating.parameters.add(textArray(items.filter((item) => item !== undefined)), 'jsonb[]');
  return operator === 'in'
    ? `(${field.sql} = any(${wanted})) is true`
    : `(${field.sql} <> all(${wanted}) and ${isOfType(field)}) is true`;
}
