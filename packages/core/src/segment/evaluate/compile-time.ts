import type { Expression, TimeConstraint } from '../syntax/ast.ts';
import { addUnits, beginOf, endOf } from './calendar.ts';
import type { Compiling } from './compiling.ts';
import { countTime } from './cost.ts';
import { type KnownConstraint, occurs } from './occurs.ts';
import { countStep, type Reader, type Run } from './run.ts';
import { asTime, isList, TimeValue } from './value.ts';

type NodeOf<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>;

/** `now`, and the days about it. */
export function compileInstant(name: 'now' | 'today' | 'yesterday' | 'tomorrow'): Reader {
  const nowShifts: TimeValue['shifts'] = [];
  if (name === 'now') return ({ clock }) => new TimeValue(clock.now, clock.now, undefined, nowShifts);
  const amount = { today: 0, yesterday: -1, tomorrow: 1 }[name];
  return ({ clock }) => {
    const begin = addUnits(beginOf(clock.now, 'day'), { amount, unit: 'day' });
    return new TimeValue(begin, endOf(begin, 'day'));
  };
}

/** `last week`. */
export function compilePeriod({ which, unit }: NodeOf<'period'>): Reader {
  const amount = { this: 0, last: -1, next: 1 }[which];
  return ({ clock }) => {
    const begin = beginOf(addUnits(beginOf(clock.now, unit), { amount, unit }), unit);
    return new TimeValue(begin, endOf(begin, unit));
  };
}

/** `3 days before now`. */
export function compileOffset(node: NodeOf<'offset'>, compiling: Compiling): Reader {
  const reference = compiling.compile(node.reference, compiling);
  const shift = { amount: node.direction === 'before' ? -node.amount : node.amount, unit: node.unit };
  return (run) => {
    countTime(run);
    const from = asTime(reference(run));
    if (from === undefined) return undefined;
    const begin = addUnits(from.begin, shift);
    return new TimeValue(begin, begin, node.unit, from.shifts && [...from.shifts, shift]);
  };
}

/** `t occurs …`; of a list, any of its times. */
export function compileOccurs(node: NodeOf<'occurs'>, compiling: Compiling): Reader {
  const time = compiling.compile(node.time, compiling);
  const constraint = compileConstraint(node.constraint, compiling);
  return (run) => {
    countStep(run);
    const at = time(run);
    return isList(at)
      ? at.some((item) => {
          countStep(run);
          return holdsAt(run, asTime(item), constraint);
        })
      : holdsAt(run, asTime(at), constraint);
  };
}

export const holdsAt = (
  run: Run,
  time: TimeValue | undefined,
  constraint: (run: Run) => KnownConstraint | undefined,
): boolean => {
  countTime(run);
  if (time === undefined) return false;
  const known = constraint(run);
  return known !== undefined && occurs(run, time, known);
};

/** What stands after `occurs` and in `WHEN(…)`; undefined in a run where a time it names is absent. */
export function compileConstraint(
  constraint: TimeConstraint,
  compiling: Compiling,
): (run: Run) => KnownConstraint | undefined {
  if (constraint.kind === 'between') {
    const [from, to] = [
      compiling.compile(constraint.from, compiling),
      compiling.compile(constraint.to, compiling),
    ];
    return (run) => {
      const [begin, end] = [asTime(from(run)), asTime(to(run))];
      return begin && end && { kind: 'between', from: begin, to: end };
    };
  }
  const reference = compiling.compile(constraint.reference, compiling);
  return (run) => {
    const time = asTime(reference(run));
    return time && { ...constraint, reference: time };
  };
}
