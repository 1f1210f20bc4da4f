import type { CompareOperator, TimeConstraint } from '../syntax/ast.ts';
import { addUnits, beginOf, dayMs, endOf, isCalendarUnit } from './calendar.ts';
import { mayFlipAt, type Run } from './run.ts';
import { TimeValue } from './value.ts';

/** A constraint with its references computed. */
export type KnownConstraint =
  | (Omit<TimeConstraint & { readonly kind: 'distance' }, 'reference'> & { readonly reference: TimeValue })
  | { readonly kind: 'side'; readonly direction: 'before' | 'after'; readonly reference: TimeValue }
  | { readonly kind: 'on'; readonly reference: TimeValue }
  | { readonly kind: 'between'; readonly from: TimeValue; readonly to: TimeValue };

/** Whether a time fulfils a constraint; tells the clock when that could change. */
export function occurs(run: Run, time: TimeValue, constraint: KnownConstraint): boolean {
  switch (constraint.kind) {
    case 'distance':
      return atDistance(run, time, constraint);
    case 'side': {
      const { reference, direction } = constraint;
      noteFlips(run, time, reference, [reference.begin, reference.end]);
      if (direction === 'before') return time.begin < reference.begin;
      return reference.isInstant ? time.begin > reference.begin : time.begin >= reference.end;
    }
    case 'on': {
      const { begin, end } = periodOf(constraint.reference);
      noteFlips(run, time, constraint.reference, [begin, end]);
      return begin === end ? time.begin === begin : time.begin >= begin && time.begin < end;
    }
    case 'between': {
      const { from, to } = constraint;
      noteFlips(run, time, from, [from.begin]);
      noteFlips(run, time, to, [to.begin, to.end]);
      return time.begin >= from.begin && (to.isInstant ? time.begin <= to.begin : time.begin < to.end);
    }
  }
}

/** What `on` means by a time: the day or period itself; of an offset from an instant, the unit it names. */
function periodOf(reference: TimeValue): { readonly begin: number; readonly end: number } {
  const { begin, end, unit } = reference;
  if (!reference.isInstant || unit === undefined || unit === 'millisecond') return { begin, end };
  const first = beginOf(begin, unit);
  return { begin: first, end: endOf(first, unit) };
}

function atDistance(
  run: Run,
  time: TimeValue,
  { operator, amount, unit, direction, reference }: KnownConstraint & { readonly kind: 'distance' },
): boolean {
  const start = reference.begin;
  const far = addUnits(start, { amount: direction === 'before' ? -amount : amount, unit });
  const t = time.begin;
  if (operator === '=' || operator === '!=') {
    const { begin, end } = periodOf(new TimeValue(far, far, unit));
    const shift = { amount: direction === 'before' ? -amount : amount, unit };
    noteFlips(run, time, reference, [start], { ...shift, isPeriod: true });
    const isThere = begin === end ? t === begin : t >= begin && t < end;
    return isThere === (operator === '=');
  }
  noteFlips(run, time, reference, [start, far], { amount: direction === 'before' ? -amount : amount, unit });
  return direction === 'before' ? isWithin(operator, far, t, start) : isWithin(operator, -far, -t, -start);
}

/** For `before`: how far `t` lies before `near`, which is `far` at the distance asked for. */
function isWithin(operator: CompareOperator, far: number, t: number, near: number): boolean {
  switch (operator) {
    case '<':
      return t > far && t <= near;
    case '<=':
      return t >= far && t <= near;
    case '>':
      return t < far;
    default:
      return t <= far;
  }
}

/**
 * Tells the clock the instants at which one of two times reaches the other, or reaches it but for a distance. Early ones
 * do no harm. Times that move at midnights only tell nothing.
 * @param points of the reference, as it stands now.
 * @param shift the distance.
 */
export function noteFlips(
  run: Run,
  time: TimeValue,
  reference: TimeValue,
  points: readonly number[],
  shift?: {
    readonly amount: number;
    readonly unit: TimeConstraintUnit;
    /** The whole day, month … at that distance counts: its begin and its end, too, are instants to tell. */
    readonly isPeriod?: boolean;
  },
): void {
  const moving = reference.shifts ?? time.shifts;
  if (moving === undefined) return;
  if (reference.shifts !== undefined && time.shifts !== undefined) {
    // Both move with the clock; only lengths of months change what lies between them.
    mayFlipAt(run, nextMidnight(run.clock.now));
    return;
  }
  if (reference.shifts !== undefined) {
    // The reference reaches the time: at that instant, or the distance later.
    const unit = shift === undefined ? reference.unit : shift.isPeriod === true ? shift.unit : undefined;
    const ends = [time.begin];
    if (unit !== undefined) {
      const first = beginOf(time.begin, unit);
      ends.push(first, endOf(first, unit));
    }
    for (const end of ends) {
      noteInstant(run, back(end, moving), moving);
      if (shift !== undefined)
        noteInstant(run, back(addUnits(end, { amount: -shift.amount, unit: shift.unit }), moving), [
          ...moving,
          shift,
        ]);
    }
    return;
  }
  for (const point of points) noteInstant(run, back(point, moving), moving);
  if (shift !== undefined) {
    const far = addUnits(reference.begin, shift);
    const first = beginOf(far, shift.unit);
    const ends = shift.isPeriod === true ? [first, endOf(first, shift.unit)] : [];
    for (const point of [far, ...ends]) noteInstant(run, back(point, moving), moving);
  }
}

type TimeConstraintUnit = (TimeConstraint & { readonly kind: 'distance' })['unit'];

/** The instant at which what moves in these steps from now is at a time; on the calendar about then. */
const back = (
  time: number,
  shifts: readonly { readonly amount: number; readonly unit: TimeConstraintUnit }[],
) => shifts.toReversed().reduce((at, { amount, unit }) => addUnits(at, { amount: -amount, unit }), time);

/** Inclusive bounds flip a millisecond later. Ends of months move what lies about them, by midnights. */
function noteInstant(
  run: Run,
  instant: number,
  shifts: readonly { readonly unit: TimeConstraintUnit }[],
): void {
  mayFlipAt(run, instant);
  mayFlipAt(run, instant + 1);
  if (shifts.some(({ unit }) => isCalendarUnit(unit)) && Math.abs(instant - run.clock.now) <= 5 * dayMs)
    mayFlipAt(run, nextMidnight(run.clock.now));
}

const nextMidnight = (now: number): number => beginOf(now, 'day') + dayMs;
