import type { CompareOperator, TimeConstraint, TimeUnit } from '../syntax/ast.ts';
import { addUnits, beginOf, dayMs, endOf, isCalendarUnit, untilJump } from './calendar.ts';
import { mayFlipAt, type Run } from './run.ts';
import { type Shift, TimeValue } from './value.ts';

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
 * Tells the clock when what was found of a time and a reference could change: the instants at which one of them reaches
 * a point of the other. Early ones do no harm. Times that move at midnights only tell nothing.
 * @param points of the reference, as it stands now.
 * @param shift from the reference to the point that counts, where it is not the reference itself.
 */
export function noteFlips(
  run: Run,
  time: TimeValue,
  reference: TimeValue,
  points: readonly number[],
  shift?: Shift & {
    /** The whole day, month … at that point counts: its begin and its end, too, are instants to tell. */
    readonly isPeriod?: boolean;
  },
): void {
  const far = shift === undefined ? reference.begin : addUnits(reference.begin, shift);
  const unit = shift === undefined ? reference.unit : shift.isPeriod === true ? shift.unit : undefined;
  const steps = shift === undefined ? [] : [shift];
  if (time.shifts !== undefined && reference.shifts !== undefined)
    noteBoth(run, time, far, unit, [...time.shifts], [...reference.shifts, ...steps]);
  else if (reference.shifts !== undefined) {
    const { shifts } = reference;
    // What moves reaches the time, or the unit of the calendar that holds it.
    for (const end of [time.begin, ...(unit === undefined ? [] : endsOf(time.begin, unit))]) {
      noteReached(run, end, shifts);
      if (shift !== undefined) noteReached(run, end, [...shifts, shift]);
    }
  } else if (time.shifts !== undefined)
    for (const point of [...points, far, ...(unit === undefined ? [] : endsOf(far, unit))])
      noteReached(run, point, time.shifts);
}

/**
 * Both move as fast as the clock, so that nothing changes between them, until the one to which months are added jumps;
 * but the unit of the calendar that holds the reference stands still meanwhile, and each can reach its ends.
 */
function noteBoth(
  run: Run,
  time: TimeValue,
  far: number,
  unit: TimeUnit | undefined,
  ofTime: readonly Shift[],
  ofReference: readonly Shift[],
): void {
  const { now } = run.clock;
  mayFlipAt(run, now + Math.min(untilJump(now, ofTime), untilJump(now, ofReference)));
  if (unit === undefined) return;
  for (const end of endsOf(far, unit)) {
    mayFlipAt(run, now + end - far);
    mayFlipAt(run, now + end - time.begin);
  }
}

/** Tells the clock when a time that moves leaves the unit of the calendar it is in. */
export function noteUnitEnd(run: Run, { begin, shifts }: TimeValue, unit: TimeUnit): void {
  if (shifts === undefined) return;
  const { now } = run.clock;
  mayFlipAt(run, now + Math.min(endOf(beginOf(begin, unit), unit) - begin, untilJump(now, shifts)));
}

const endsOf = (time: number, unit: TimeUnit): readonly [number, number] => {
  const begin = beginOf(time, unit);
  return [begin, endOf(begin, unit)];
};

/** The days by which adding months can miss: 31 become 28, and again after each step of other length. */
const clampedMs = 4 * dayMs;

/**
 * Tells when what moves in these steps from `now` reaches a point; inclusive bounds flip a millisecond later. With
 * months in it that can be some days later, or again and again: then, once it is near, each jump is told.
 */
function noteReached(run: Run, point: number, shifts: readonly Shift[]): void {
  const { now } = run.clock;
  const instant = shifts
    .toReversed()
    .reduce((at, { amount, unit }) => addUnits(at, { amount: -amount, unit }), point);
  mayFlipAt(run, instant);
  mayFlipAt(run, instant + 1);
  const months = shifts.filter(({ unit }) => isCalendarUnit(unit)).length;
  if (months > 0 && Math.abs(instant - now) <= clampedMs * (months + 1))
    mayFlipAt(run, now + untilJump(now, shifts));
}
