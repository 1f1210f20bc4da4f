import type { JsonValue } from '../../xdm/field.ts';
import type { RuleTypes } from '../check/checking.ts';
import { isTime, type PqlType } from '../check/pql-type.ts';
import type { CompareOperator, Expression } from '../syntax/ast.ts';
import { compute, equal, inList, inValues, join, orderedNumber, orderedText } from './combine.ts';
import { findFunction, type PqlValue } from './functions.ts';
import {
  type Condition,
  type NumberReader,
  pathReader,
  type TextReader,
  type TruthReader,
  type ValueReader,
} from './readers.ts';
import { readTime, writeDay } from './time-value.ts';

/**
 * Compiles a rule that `checkRule` found no problem in into closures. Evaluating allocates only where case is
 * folded or where a function's argument is a field.
 */
export function compileCondition(node: Expression, types: RuleTypes): Condition {
  switch (node.kind) {
    case 'literal': {
      const value = node.value === true;
      return () => value;
    }
    case 'logic':
      return join(
        node.operator,
        node.operands.map((operand) => compileCondition(operand, types)),
      );
    case 'not': {
      const operand = compileCondition(node.operand, types);
      return (document) => !operand(document);
    }
    case 'compare':
      return compileCompare(node.operator, node.left, node.right, types);
    case 'membership':
      return compileMembership(node.operator === 'in', node.value, node.list, types);
    case 'path':
    case 'call': {
      const read = compileValue(node, types);
      return (document) => read(document) === true;
    }
    case 'if': {
      const condition = compileCondition(node.condition, types);
      const then = compileCondition(node.whenTrue, types);
      const otherwise = compileCondition(node.whenFalse, types);
      return (document) => (condition(document) ? then(document) : otherwise(document));
    }
    default:
      throw miscompiled(node);
  }
}

/** The value of any expression as the function table takes it: times are milliseconds since 1970. */
function compileValue(node: Expression, types: RuleTypes): ValueReader {
  const type = typeAt(node, types);
  switch (node.kind) {
    case 'literal':
    case 'date': {
      const value = constantValue(node, type);
      return () => value;
    }
    case 'path':
      return pathReader(
        node.steps.map((step) => step.key),
        type,
      );
    case 'logic':
    case 'not':
    case 'compare':
    case 'membership':
      return compileCondition(node, types);
    case 'arithmetic':
      return compute(node.operator, compileNumber(node.left, types), compileNumber(node.right, types));
    case 'negate': {
      const operand = compileNumber(node.operand, types);
      return (document) => {
        const value = operand(document);
        return value === undefined ? undefined : -value;
      };
    }
    case 'if': {
      const condition = compileCondition(node.condition, types);
      const then = compileValue(node.whenTrue, types);
      const otherwise = compileValue(node.whenFalse, types);
      return (document) => (condition(document) ? then(document) : otherwise(document));
    }
    case 'call':
      return compileCall(node, types);
    case 'list': {
      const values = node.items.map((item) => constantValue(item, typeAt(item, types)) ?? null);
      return () => values;
    }
    default:
      throw miscompiled(node);
  }
}

function compileNumber(node: Expression, types: RuleTypes): NumberReader {
  const read = compileValue(node, types);
  return (document) => {
    const value = read(document);
    return typeof value === 'number' ? value : undefined;
  };
}

function compileText(node: Expression, types: RuleTypes): TextReader {
  const read = compileValue(node, types);
  return (document) => {
    const value = read(document);
    return typeof value === 'string' ? value : undefined;
  };
}

function compileTruth(node: Expression, types: RuleTypes): TruthReader {
  const read = compileValue(node, types);
  return (document) => {
    const value = read(document);
    return typeof value === 'boolean' ? value : undefined;
  };
}

function compileCompare(
  operator: CompareOperator,
  left: Expression,
  right: Expression,
  types: RuleTypes,
): Condition {
  const type = typeAt(left, types);
  const equality = operator === '=' || operator === '!=';
  if (type.kind === 'text' && !equality)
    return orderedText(operator, compileText(left, types), compileText(right, types));
  if (type.kind === 'text') return equal(operator, compileText(left, types), compileText(right, types));
  if (type.kind === 'boolean') return equal(operator, compileTruth(left, types), compileTruth(right, types));
  const a = compileNumber(left, types);
  const b = compileNumber(right, types);
  return equality ? equal(operator, a, b) : orderedNumber(operator, a, b);
}

function compileMembership(
  wanted: boolean,
  value: Expression,
  list: Expression,
  types: RuleTypes,
): Condition {
  const read = compileValue(value, types);
  if (list.kind !== 'list') return inList(wanted, read, compileValue(list, types));
  const values: readonly PqlValue[] = list.items.map((item) => constantValue(item, typeAt(item, types)));
  return inValues(wanted, read, new Set(values));
}

function compileCall(node: Expression & { readonly kind: 'call' }, types: RuleTypes): ValueReader {
  const entry = findFunction(node.name);
  if (entry === undefined || node.target === undefined) throw miscompiled(node);
  const target = compileValue(node.target, types);
  if (node.arguments.every((argument) => argument.kind === 'literal')) {
    const evaluate = entry.evaluate(
      node.arguments.map((argument) => constantValue(argument, typeAt(argument, types))),
    );
    return (document) => evaluate(target(document));
  }
  const readers = node.arguments.map((argument) => compileValue(argument, types));
  return (document) => entry.evaluate(readers.map((read) => read(document)))(target(document));
}

/** What a literal stands for; text that the checker read as a time becomes one. */
function constantValue(node: Expression, type: PqlType): JsonValue | undefined {
  if (node.kind === 'date') return readTime(writeDay(node.year, node.month, node.day));
  if (node.kind !== 'literal') throw miscompiled(node);
  return isTime(type) && typeof node.value === 'string' ? readTime(node.value) : node.value;
}

function typeAt(node: Expression, types: RuleTypes): PqlType {
  const type = types.get(node);
  if (type === undefined) throw miscompiled(node);
  return type;
}

const miscompiled = (node: Expression): TypeError =>
  new TypeError(`A rule was compiled that the checker does not accept (${node.kind}).`);
