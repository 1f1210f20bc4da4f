import type { XdmObject } from '../xdm/field.ts';
import type { PqlNode } from './ast.ts';
import type { RuleFault } from './rule-errors.ts';
import { type Kind, nameKinds, type TypedExpression } from './typed-expression.ts';

/** What the compiler of each kind of node works with. */
export type TypeCheck = {
  readonly schema: XdmObject;
  /** Every attribute the rule reads, as dotted paths. */
  readonly paths: Set<string>;
  readonly faults: RuleFault[];
  /** Checks and compiles a part. Reports what is wrong in it and then yields the kind `unknown`. */
  compile(node: PqlNode): TypedExpression;
};

/** Reports a fault and stands in for the part that has it. */
export function refuse(check: TypeCheck, position: number, message: string): TypedExpression {
  check.faults.push({ position, message });
  return unknownAt(position);
}

/** Stands in for a part whose fault is reported already. */
export const unknownAt = (position: number): TypedExpression => ({
  kind: 'unknown',
  position,
  evaluate: () => undefined,
  description: '',
});

/** Reports an expression of another kind than expected; true when it is as expected or a fault already. */
export function expectKind(check: TypeCheck, expression: TypedExpression, kinds: readonly Kind[]): boolean {
  if (expression.kind === 'unknown' || kinds.includes(expression.kind)) return true;
  refuse(check, expression.position, `found ${foundKind(expression)}, expected ${nameKinds(kinds)}`);
  return false;
}

/** An expression as messages name it: its description with its kind. */
export function foundKind(expression: TypedExpression): string {
  const { description, kind } = expression;
  const short = description.length > 60 ? `${description.slice(0, 60)}…` : description;
  return `${short}, which is ${nameKinds([kind])}`;
}
