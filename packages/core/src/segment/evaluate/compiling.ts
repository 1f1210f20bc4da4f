import type { RuleTypes } from '../check/checking.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Reader, Run } from './run.ts';
import type { Scope } from './scope.ts';
import { isTrue } from './value.ts';

/** One compilation in progress, at one place of the rule. */
export type Compiling = {
  /** What the checker knows of each node; a node it knows nothing of is taken as its values come. */
  readonly types: RuleTypes;
  readonly scope: Scope;
  /** Takes the place of a compiled node, to share or to trace it. */
  readonly wrap: (node: Expression, reader: Reader, scope: Scope) => Reader;
  /** Any node. A member, so that the modules for kinds of nodes need not import one another. */
  readonly compile: (node: Expression, compiling: Compiling) => Reader;
};

/** An expression as a condition. */
export function compileCondition(node: Expression, compiling: Compiling): (run: Run) => boolean {
  const read = compiling.compile(node, compiling);
  return (run) => isTrue(read(run));
}
