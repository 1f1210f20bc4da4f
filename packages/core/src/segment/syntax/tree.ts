import type { IToken } from 'chevrotain';
import { canonicalFunctionName } from '../evaluate/functions.ts';
import type { ArithmeticOperator, CompareOperator, Expression, PathStep, Span } from './ast.ts';
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
const across = (from: Span, to: Span): Span => ({ start: from.start, end: to.end });

const compareOperators: readonly string[] = ['=', '!=', '>', '>=', '<', '<='] satisfies CompareOperator[];
const isCompareOperator = (image: string): image is CompareOperator => compareOperators.includes(image);
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

/** A path with one step more. */
const extended = (path: Expression & { kind: 'path' }, step: PathStep, end: Span): Expression => ({
  kind: 'path',
  root: path.root,
  steps: [...path.steps, step],
  span: across(path.span, end),
});

/** The arguments of a call and its closing parenthesis. */
export type CallArguments = { readonly items: readonly Expression[]; readonly end: Span };

/** What a name at the start means: a field, `if(…)`, `date(…)`, or a call that the checker refuses. */
export function rooted(token: IToken, call: CallArguments | undefined): Expression {
  const nameSpan = spanOf(token);
  if (call === undefined)
    return {
      kind: 'path',
      root: { kind: 'scope', up: 0, span: { start: nameSpan.start, end: nameSpan.start } },
      steps: [{ access: 'dot', key: token.image, span: nameSpan }],
      span: nameSpan,
    };
  const span = across(nameSpan, call.end);
  const word = token.image.toLowerCase();
  const [first, second, third] = call.items;
  if (call.items.length === 3 && first !== undefined && second !== undefined && third !== undefined) {
    if (word === 'if') return { kind: 'if', condition: first, whenTrue: second, whenFalse: third, span };
    const [year, month, day] = [wholeNumber(first), wholeNumber(second), wholeNumber(third)];
    if (word === 'date' && year !== undefined && month !== undefined && day !== undefined)
      return { kind: 'date', year, month, day, span };
  }
  return {
    kind: 'call',
    name: canonicalFunctionName(token.image),
    nameSpan,
    target: undefined,
    arguments: call.items,
    span,
  };
}

export const listOf = (items: readonly Expression[], open: IToken, close: IToken): Expression => ({
  kind: 'list',
  items,
  span: across(spanOf(open), spanOf(close)),
});

const wholeNumber = (node: Expression): number | undefined =>
  node.kind === 'literal' && typeof node.value === 'number' && Number.isInteger(node.value)
    ? node.value
    : undefined;

/** What `.name` or `.name(…)` after a target means: a further step of a path, or a call. */
export function member(
  target: Expression,
  name: IToken,
  call: CallArguments | undefined,
  problems: RuleProblem[],
): Expression {
  const nameSpan = spanOf(name);
  const isGet = call !== undefined && name.image.toLowerCase() === 'get';
  if (call !== undefined && !isGet)
    return {
      kind: 'call',
      name: canonicalFunctionName(name.image),
      nameSpan,
      target,
      arguments: call.items,
      span: across(target.span, call.end),
    };
  const step = call === undefined ? dotStep(name) : getStep(call.items);
  if (target.kind === 'path' && step !== undefined) return extended(target, step, call?.end ?? nameSpan);
  problems.push({
    offset: nameSpan.start,
    message: isGet
      ? 'expected .get("key"), one text in double quotes, on a field that holds a map'
      : `found ".${name.image.slice(0, 40)}" after something that is not a field; expected a call such as .isNull()`,
  });
  return target;
}

const dotStep = (name: IToken): PathStep => ({ access: 'dot', key: name.image, span: spanOf(name) });

function getStep(items: readonly Expression[]): PathStep | undefined {
  const [key] = items;
  return items.length === 1 && key?.kind === 'literal' && typeof key.value === 'string'
    ? { access: 'get', key: key.value, span: key.span }
    : undefined;
}
