import type { ObjectDescription } from './object-description.ts';
import { isCreating, isNeededToCreate, matchFieldFor, type RecordPlan } from './record-plan.ts';
import { isWritable, type Target, targetsOf } from './targets.ts';

/** A plan with what is looked up for every record. */
export type PreparedPlan = RecordPlan & {
  /** In the order in which they are shown. */
  readonly targets: readonly Target[];
  /** Targets by every name a mapping may call them by. */
  readonly byName: ReadonlyMap<string, Target>;
  /** Fields that a record cannot do without, what it is matched by last. */
  readonly needed: readonly string[];
  readonly neededByAccount: readonly string[];
};

export function preparePlan(plan: RecordPlan): PreparedPlan {
  const targets = targetsOf(plan);
  const byName = new Map(
    targets.flatMap((target) =>
      [target.shown.name, ...(target.shown.aliases ?? [])].map((name) => [name, target] as const),
    ),
  );
  return {
    ...plan,
    targets,
    byName,
    needed: [...(isCreating(plan) ? neededIn(plan.object) : []), matchFieldFor(plan, false)],
    neededByAccount: [...(plan.account ? neededIn(plan.account) : []), matchFieldFor(plan, true)],
  };
}

const neededIn = ({ byName }: ObjectDescription): string[] =>
  [...byName.values()]
    .filter((field) => isWritable(field) && isNeededToCreate(field))
    .map(({ name }) => name);
