import type { KnownSegments, PathTitles, RuleTypes } from '../check/checking.ts';
import { isTime, unknownType } from '../check/pql-type.ts';
import { writeDay } from '../evaluate/time-value.ts';
import type {
  CallExpression,
  CompareOperator,
  Expression,
  MembershipExpression,
  PathExpression,
} from '../syntax/ast.ts';
import { findFunctionName } from '../syntax/function-names.ts';
import { isEventList, type Saying, sayBindings, sayChain, sayListCall } from './describe-list.ts';
import { sayConstraint, sayOffset } from './describe-time.ts';
import { phrases } from './phrases.ts';

/** Values of a list that are spelled out. */
const shownValues = 10;

const compareWords: Readonly<Record<CompareOperator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '>': 'is greater than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
};

const timeWords: Readonly<Record<CompareOperator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '>': 'is after',
  '>=': 'is on or after',
  '<': 'is before',
  '<=': 'is on or before',
};

/**
 * A rule in English, with the titles of the schema's fields and the names of segments; for a tree `checkRule` found no
 * problem in.
 */
export function describeRule(
  node: Expression,
  types: RuleTypes,
  titles: PathTitles,
  segments?: KnownSegments,
): string {
  const saying: Saying = {
    value: (part) => sayValue(part, saying, { types, titles, segments }),
    condition: (part) => sayCondition(part, saying, types),
  };
  return saying.condition(node);
}

/** A true/false field that stands alone is said as a condition, a list as having something. */
function sayCondition(node: Expression, saying: Saying, types: RuleTypes): string {
  if (node.kind === 'lambda') return sayCondition(node.body, saying, types);
  const said = saying.value(node);
  if (isEventList(node)) return `has ${said}`;
  if (node.kind === 'call' && node.name === 'filter') return `some ${said}`;
  if (types.get(node)?.kind === 'list') return `${said} is not empty`;
  return node.kind === 'path' ? `${said} is true` : said;
}

type Known = {
  readonly types: RuleTypes;
  readonly titles: PathTitles;
  readonly segments: KnownSegments | undefined;
};

function sayValue(node: Expression, saying: Saying, known: Known): string {
  const operand = (part: Expression): string =>
    isCompound(part) ? `(${saying.value(part)})` : saying.value(part);
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? `"${node.value}"` : String(node.value);
    case 'date':
      return writeDay(node.year, node.month, node.day);
    case 'list':
      return joinValues(node.items.map(saying.value));
    case 'path':
      return sayPath(node, saying, known.titles.get(node) ?? []);
    case 'logic':
      return node.operands
        .map((part) => (part.kind === 'logic' ? `(${saying.value(part)})` : saying.condition(part)))
        .join(` ${node.operator} `);
    case 'not':
      return `not (${saying.condition(node.operand)})`;
    case 'compare': {
      const isOfTime = [node.left, node.right].some((side) => isTime(known.types.get(side) ?? unknownType));
      const words = isOfTime ? timeWords : compareWords;
      return `${operand(node.left)} ${words[node.operator]} ${operand(node.right)}`;
    }
    case 'membership':
      return `${operand(node.value)} ${membershipWords(node)} ${saying.value(node.list)}`;
    case 'arithmetic':
      return `${operand(node.left)} ${node.operator} ${operand(node.right)}`;
    case 'negate':
      return `-${operand(node.operand)}`;
    case 'if':
      return `(${saying.value(node.whenTrue)} if ${saying.condition(node.condition)}, otherwise ${saying.value(node.whenFalse)})`;
    case 'call':
      return sayCall(node, operand, saying, known.segments);
    case 'lambda':
      return saying.value(node.body);
    case 'let':
      return `with ${node.name} being ${operand(node.value)}: ${saying.condition(node.body)}`;
    case 'quantifier': {
      const word = node.quantifier === 'exists' ? 'some' : 'every';
      return `for ${sayBindings(node.bindings, word, saying)}: ${saying.condition(node.condition)}`;
    }
    case 'select': {
      const each = sayBindings(node.bindings, 'each', saying);
      const what = isVariable(node.result) ? each : `${saying.value(node.result)} for ${each}`;
      return node.condition === undefined ? what : `${what} with ${saying.condition(node.condition)}`;
    }
    case 'instant':
      return node.name;
    case 'period':
      return `${node.which} ${node.unit}`;
    case 'offset':
      return sayOffset(node, saying.value);
    case 'occurs':
      return `${operand(node.time)} is ${sayConstraint(node.constraint, saying.value)}`;
    case 'chain':
      return sayChain(node, saying);
  }
}

function sayCall(
  node: CallExpression,
  operand: (part: Expression) => string,
  saying: Saying,
  segments: KnownSegments | undefined,
): string {
  const [first] = node.arguments;
  if (node.name === 'inSegment' && first !== undefined) {
    const name = first.kind === 'literal' ? segments?.get(String(first.value)) : undefined;
    return `is in the segment ${name === undefined ? saying.value(first) : JSON.stringify(name)}`;
  }
  const special = node.target === undefined ? undefined : sayListCall(node, node.target, saying);
  if (special !== undefined) return special;
  const name = findFunctionName(node.name);
  const phrase = name === undefined ? undefined : phrases[name];
  const target = node.target === undefined ? '' : operand(node.target);
  return phrase?.(target, node.arguments.map(operand)) ?? node.name;
}

function membershipWords({ operator, list }: MembershipExpression): string {
  if (list.kind === 'list') return operator === 'in' ? 'is one of' : 'is none of';
  return operator === 'in' ? 'is in' : 'is not in';
}

const isVariable = (node: Expression): boolean =>
  node.kind === 'path' && node.root.kind === 'variable' && node.steps.length === 0;

const isCompound = (node: Expression): boolean =>
  node.kind === 'logic' ||
  node.kind === 'arithmetic' ||
  node.kind === 'compare' ||
  node.kind === 'membership' ||
  node.kind === 'select';

function joinValues(values: readonly string[]): string {
  if (values.length > shownValues)
    return `${values.slice(0, shownValues).join(', ')} and ${values.length - shownValues} more`;
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

/** `Home address › City`; a map's key stands as it is. */
function sayPath({ root }: PathExpression, saying: Saying, titles: readonly string[]): string {
  const path = titles.join(' › ');
  switch (root.kind) {
    case 'scope':
      if (root.up === 0) return path === '' ? 'it' : path;
      return path === '' ? 'the outer item' : `${path} (further out)`;
    case 'variable':
      return [root.name, ...titles].join(' › ');
    case 'parameter':
      return [`$${root.number}`, ...titles].join(' › ');
    case 'events':
      return ['events', ...titles].join(' › ');
    case 'value':
      return path === '' ? saying.value(root.value) : `${path} of ${saying.value(root.value)}`;
  }
}
