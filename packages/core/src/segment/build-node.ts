import type { IToken } from 'chevrotain';
import { isBinaryOperator, type PqlNode } from './ast.ts';

/** A value written out. */
export const literal = (token: IToken, read: (image: string) => string | number | boolean): PqlNode => ({
  kind: 'literal',
  position: token.startOffset,
  value: read(token.image),
});

/** A run of operands; one alone stands for itself. */
export function logical(operator: 'and' | 'or', operands: readonly PqlNode[]): PqlNode {
  const [first] = operands;
  if (first === undefined) throw new Error('A run of operands is never empty.');
  return operands.length === 1 ? first : { kind: 'logical', position: first.position, operator, operands };
}

/** An operator between two parts. */
export function binary(left: PqlNode, token: IToken, right: PqlNode): PqlNode {
  const word = token.image.toLowerCase();
  const operator = word === 'notin' ? 'notIn' : word;
  if (!isBinaryOperator(operator)) throw new Error('The grammar takes only known operators.');
  return { kind: 'binary', position: token.startOffset, operator, left, right };
}

/** A minus sign before a number written out is part of the number. */
export function prefixed(operator: 'not' | '-', signs: readonly IToken[], operand: PqlNode): PqlNode {
  let node = operand;
  for (const { startOffset: position } of signs.toReversed())
    node =
      operator === '-' && node.kind === 'literal' && typeof node.value === 'number'
        ? { kind: 'literal', position, value: -node.value }
        : { kind: 'unary', position, operator, operand: node };
  return node;
}

/** What a name means when nothing stands before it: an attribute, or a function with its values. */
export function named(token: IToken, values: readonly PqlNode[] | undefined): PqlNode {
  const position = token.startOffset;
  if (values === undefined) return { kind: 'path', position, steps: [token.image] };
  const [year, month, day] = values.map((value) =>
    value.kind === 'literal' && Number.isSafeInteger(value.value) ? Number(value.value) : undefined,
  );
  const isDate = token.image.toLowerCase() === 'date' && values.length === 3;
  if (isDate && year !== undefined && month !== undefined && day !== undefined)
    return { kind: 'date', position, year, month, day };
  return { kind: 'call', position, name: token.image, target: undefined, arguments: values };
}

/** `target.name` and `target.name(values)`. */
export function member(target: PqlNode, name: IToken, values: readonly PqlNode[] | undefined): PqlNode {
  const position = name.startOffset;
  if (values === undefined) {
    if (target.kind === 'path') return { ...target, steps: [...target.steps, name.image] };
    return { kind: 'call', position, name: name.image, target, arguments: [] };
  }
  const [key] = values;
  const isKey = values.length === 1 && key?.kind === 'literal' && typeof key.value === 'string';
  if (name.image.toLowerCase() === 'get' && isKey && target.kind === 'path')
    return { ...target, steps: [...target.steps, String(key.value)] };
  return { kind: 'call', position, name: name.image, target, arguments: values };
}
