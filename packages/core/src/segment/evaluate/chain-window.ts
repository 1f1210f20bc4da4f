import type { TimeUnit } from '../syntax/ast.ts';
import { addUnits } from './calendar.ts';
import type { KnownConstraint } from './occurs.ts';

/** Instants from the first to the last, both included. */
export type Window = { readonly from: number; readonly to: number };
export const anyTime: Window = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Times outside of it cannot fulfil a constraint, nor come to by time alone; those within may. */
export function windowOf(known: KnownConstraint): Window {
  if (known.kind === 'between') {
    const { from, to } = known;
    return (from.shifts ?? to.shifts) ? anyTime : { from: from.begin, to: to.end };
  }
  const { reference } = known;
  if (reference.shifts !== undefined) return anyTime;
  const { begin, end, unit } = reference;
  if (known.kind === 'side')
    return known.direction === 'before' ? { ...anyTime, to: begin } : { ...anyTime, from: begin };
  if (known.kind === 'on') return unit === undefined ? { from: begin, to: end } : about(begin, unit);
  const amount = known.direction === 'before' ? -known.amount : known.amount;
  const far = addUnits(begin, { amount, unit: known.unit });
  if (known.operator === '!=') return anyTime;
  if (known.operator === '=') return about(far, known.unit);
  if (known.operator === '<' || known.operator === '<=')
    return { from: Math.min(begin, far), to: Math.max(begin, far) };
  return known.direction === 'before' ? { ...anyTime, to: far } : { ...anyTime, from: far };
}

/** The unit of the calendar that holds a time lies within. */
const about = (time: number, unit: TimeUnit): Window => ({
  from: addUnits(time, { amount: -1, unit }),
  to: addUnits(time, { amount: 1, unit }),
});
