import type { Run } from '../run.ts';
import type { Value } from '../value.ts';

/** An argument that is evaluated once per item; of an entry of a map, with its key and value. */
export type PerItem = (run: Run, item: Value, value?: Value) => Value;

/** One call: the target, the arguments in order, each a value or what is evaluated per item. */
export type FunctionCall = {
  readonly run: Run;
  readonly target: Value;
  readonly given: readonly Value[];
  readonly perItem: PerItem | undefined;
};

export type Implementation = (call: FunctionCall) => Value;
