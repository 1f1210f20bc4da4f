import type { IToken } from 'chevrotain';
import type {
  ArithmeticOperator,
  Binding,
  CompareOperator,
  Expression,
  PathRoot,
  PathStep,
  Span,
  TimeConstraint,
} from './ast.ts';
import { findFunctionName } from './function-names.ts';
import type { RuleProblem } from './rule-problem.ts';
import { readTextLiteral } from './text-literal.ts';
import { In, Like } from './tokens.ts';

/*
 * What the grammar's actions build of tokens. Faults that leave the grammar sound (a wrong escape, a step
 * after something that is no field) go to `problems`.
 */

/** Significant digits a number literal may have, so that what is stored is what was written. */
const maxDigits = 15;

export const spanOf = (token: IToken): Span => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length,
});
export const across = (from: Span, to: Span): Span => ({ start: from.start, end: to.end });

const compareOperators: readonly string[] = ['=', '!=', '>', '>=', '<', '<='] satisfies CompareOperator[];
export const isCompareOperator = (image: string): image is CompareOperator =>
  compareOperators.includes(image);
const arithmeticOperators: readonly string[] = ['+', '-', '*', '/', '%'] satisfies ArithmeticOperator[];
const isArithmeticOperator = (image: string): image is ArithmeticOperator =>
  arithmeticOperators.includes(image);

export const truthLiteral = (token: IToken, value: boolean): Expression => ({
  kind: 'literal',
  value,
  span: spanOf(token),
});

export function textLiteral(token: IToken, problems: RuleProblem[]): Expression {
  const read = readTextLiteral(token.image);
  if (read.value === undefined)
    problems.push({
      offset: token.startOffset + read.offset,
      message: `found the escape ${read.escape}; expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits (a backslash itself is written \\\\)`,
    });
  return { kind: 'literal', value: read.value ?? '', span: spanOf(token) };
}

export function numberLiteral(token: IToken, problems: RuleProblem[]): Expression {
  const value = Number(token.image);
  const [mantissa = ''] = token.image.split(/e/i);
  const digits = mantissa.replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  if (digits.length > maxDigits || !Number.isFinite(value))
    problems.push({
      offset: token.startOffset,
      message: `found a number too long or too large to be kept exactly; expected at most ${maxDigits} significant digits`,
    });
  return { kind: 'literal', value, span: spanOf(token) };
}

export function logic(operator: 'and' | 'or', operands: readonly Expression[]): Expression {
  const [first] = operands;
  const last = operands.at(-1);
  if (first === undefined || last === undefined) throw new TypeError('A condition without operands.');
  return operands.length === 1
    ? first
    : { kind: 'logic', operator, operands, span: across(first.span, last.span) };
}

export function compared(token: IToken, left: Expression, right: Expression): Expression {
  const span = across(left.span, right.span);
  if (isCompareOperator(token.image)) return { kind: 'compare', operator: token.image, left, right, span };
  if (token.tokenType === Like)
    return { kind: 'call', name: 'like', nameSpan: spanOf(token), target: left, arguments: [right], span };
  const operator = token.tokenType === In ? 'in' : 'notIn';
  return { kind: 'membership', operator, value: left, list: right, span };
}

export const occurs = (time: Expression, constraint: TimeConstraint): Expression => ({
  kind: 'occurs',
  time,
  constraint,
  span: across(time.span, constraint.span),
});

export function arithmetic(token: IToken, left: Expression, right: Expression): Expression {
  if (!isArithmeticOperator(token.image)) throw new TypeError('Not an arithmetic operator.');
  return { kind: 'arithmetic', operator: token.image, left, right, span: across(left.span, right.span) };
}

export const negation = (operand: Expression, sign: IToken): Expression => ({
  kind: 'not',
  operand,
  span: across(spanOf(sign), operand.span),
});

export function negated(operand: Expression, sign: IToken): Expression {
  const span = across(spanOf(sign), operand.span);
  return operand.kind === 'literal' && typeof operand.value === 'number'
    ? { kind: 'literal', value: -operand.value, span }
    : { kind: 'negate', operand, span };
}

/** The arguments of a call and its closing parenthesis. */
export type CallArguments = { readonly items: readonly Expression[]; readonly end: Span };

const call = (
  name: IToken,
  target: Expression | undefined,
  { items, end }: CallArguments,
  start: Span,
): Expression => ({
  kind: 'call',
  name: findFunctionName(name.image) ?? name.image,
  nameSpan: spanOf(name),
  target,
  arguments: items,
  span: across(start, end),
});

/** What a name at the start means: a field, `if(…)`, `date(…)`, or a call that needs no target. */
export function rooted(token: IToken, given: CallArguments | undefined): Expression {
  const nameSpan = spanOf(token);
  if (given === undefined) {
    const root: PathRoot = { kind: 'scope', up: 0, span: { start: nameSpan.start, end: nameSpan.start } };
    return { kind: 'path', root, steps: [dotStep(token)], span: nameSpan };
  }
  const span = across(nameSpan, given.end);
  const word = token.image.toLowerCase();
  const [first, second, third] = given.items;
  if (given.items.length === 3 && first !== undefined && second !== undefined && third !== undefined) {
    if (word === 'if') return { kind: 'if', condition: first, whenTrue: second, whenFalse: third, span };
    const [year, month, day] = [wholeNumber(first), wholeNumber(second), wholeNumber(third)];
    if (word === 'date' && year !== undefined && month !== undefined && day !== undefined)
      return { kind: 'date', year, month, day, span };
  }
  return call(token, undefined, given, nameSpan);
}

/** A list, or the `select` that is all that stands in its brackets. */
export function listOf(items: readonly Expression[], open: IToken, close: IToken): Expression {
  const [only] = items;
  if (items.length === 1 && only?.kind === 'select') return only;
  return { kind: 'list', items, span: across(spanOf(open), spanOf(close)) };
}

const wholeNumber = (node: Expression): number | undefined =>
  node.kind === 'literal' && typeof node.value === 'number' && Number.isInteger(node.value)
    ? node.value
    : undefined;

/** What `.name` or `.name(…)` after a target means: a further step of a path, or a call. */
export function member(target: Expression, name: IToken, given: CallArguments | undefined): Expression {
  if (given === undefined) return extended(target, dotStep(name), spanOf(name));
  const key = name.image.toLowerCase() === 'get' ? getStep(given.items) : undefined;
  if (key !== undefined && target.kind === 'path') return extended(target, key, given.end);
  return call(name, target, given, target.span);
}

/** A path with one step more. */
const extended = (target: Expression, step: PathStep, end: Span): Expression => ({
  kind: 'path',
  root: target.kind === 'path' ? target.root : { kind: 'value', value: target },
  steps: target.kind === 'path' ? [...target.steps, step] : [step],
  span: across(target.span, end),
});

const dotStep = (name: IToken): PathStep => ({ access: 'dot', key: name.image, span: spanOf(name) });

function getStep(items: readonly Expression[]): PathStep | undefined {
  const [key] = items;
  return items.length === 1 && key?.kind === 'literal' && typeof key.value === 'string'
    ? { access: 'get', key: key.value, span: key.span }
    : undefined;
}

/** `target[condition]`. */
export const filtered = (target: Expression, condition: Expression, close: IToken): Expression => ({
  kind: 'call',
  name: 'filter',
  nameSpan: condition.span,
  target,
  arguments: [condition],
  span: across(target.span, spanOf(close)),
});

/** `xEvent` and what else begins a path without a name. */
export const rootPath = (root: Exclude<PathRoot, { readonly kind: 'value' }>): Expression => ({
  kind: 'path',
  root,
  steps: [],
  span: root.span,
});

export function parameter(token: IToken, problems: RuleProblem[]): Expression {
  const number = Number(token.image.slice(1));
  if (number < 1 || number > 9)
    problems.push({
      offset: token.startOffset,
      message: `found ${token.image}; parameters are counted from $1`,
    });
  return rootPath({ kind: 'parameter', number, span: spanOf(token) });
}

export function outerPath(carets: readonly IToken[], name: IToken | undefined): Expression {
  const [first] = carets;
  const last = carets.at(-1);
  if (first === undefined || last === undefined) throw new TypeError('An outer path without its sign.');
  const path = rootPath({
    kind: 'scope',
    up: carets.length,
    span: across(spanOf(first), spanOf(last)),
  });
  return name === undefined ? path : extended(path, dotStep(name), spanOf(name));
}

export function lambda(open: IToken, names: readonly IToken[], body: Expression): Expression {
  const span = across(spanOf(open), body.span);
  return { kind: 'lambda', parameters: names.map(({ image }) => image), body, span };
}

export const binding = (variable: IToken, source: Expression): Binding => ({
  variable: variable.image,
  source,
  span: across(spanOf(variable), source.span),
});

/** What `from` names, and the conditions after each `where`, which all must hold. */
export type Sources = { readonly bindings: readonly Binding[]; readonly conditions: readonly Expression[] };

const conditionOf = ({ conditions }: Sources): Expression | undefined =>
  conditions.length === 0 ? undefined : logic('and', conditions.flatMap(conjuncts));

/** Chains of `and` are flat. */
const conjuncts = (node: Expression): readonly Expression[] =>
  node.kind === 'logic' && node.operator === 'and' ? node.operands : [node];

export function quantifier(word: IToken, sources: Sources, problems: RuleProblem[]): Expression {
  const span = across(spanOf(word), endOf(sources, spanOf(word)));
  const condition = conditionOf(sources);
  if (condition === undefined)
    problems.push({
      offset: span.end,
      message: `found ${word.image} without a condition; expected where and a condition after the list`,
    });
  return {
    kind: 'quantifier',
    quantifier: word.image.toLowerCase() === 'exists' ? 'exists' : 'forall',
    bindings: sources.bindings,
    condition: condition ?? {
      kind: 'literal',
      value: true,
      span: { start: span.end, end: span.end },
    },
    span,
  };
}

function endOf({ bindings, conditions }: Sources, otherwise: Span): Span {
  const [binding, condition] = [bindings.at(-1)?.span, conditions.at(-1)?.span];
  if (binding === undefined || condition === undefined) return binding ?? otherwise;
  return condition.end > binding.end ? condition : binding;
}

/** `select E from …`: the items of the first source. */
export function select(word: IToken, sources: Sources): Expression {
  const [first] = sources.bindings;
  if (first === undefined) throw new TypeError('A select without its source.');
  const span = { start: first.span.start, end: first.span.start + first.variable.length };
  const result: Expression = {
    kind: 'path',
    root: { kind: 'variable', name: first.variable, span },
    steps: [],
    span,
  };
  return selected(result, sources, spanOf(word));
}

const selected = (result: Expression, sources: Sources, start: Span): Expression => ({
  kind: 'select',
  result,
  bindings: sources.bindings,
  condition: conditionOf(sources),
  span: across(start, endOf(sources, start)),
});

/** `sum X.a over X from …`. */
export function aggregate(word: IToken, result: Expression, sources: Sources): Expression {
  const target = selected(result, sources, result.span);
  return call(word, target, { items: [], end: target.span }, spanOf(word));
}

export function letIn(
  word: IToken,
  name: IToken,
  equals: IToken,
  value: Expression,
  body: Expression,
  problems: RuleProblem[],
): Expression {
  if (equals.image !== '=')
    problems.push({ offset: equals.startOffset, message: `found "${equals.image}"; expected =` });
  return { kind: 'let', name: name.image, value, body, span: across(spanOf(word), body.span) };
}
