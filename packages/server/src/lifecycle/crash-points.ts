/**
 * Places between two effects of a delivery where a process may end. Whatever stands behind one of them must be made
 * good by whoever comes next: the crash runs end processes at each.
 */
export const crashPoints = [
  /** Rows are marked in flight; nothing has left. */
  'claimed',
  /** What changed meanwhile was left out; the request leaves next. */
  'checked',
  /** A call was counted, and not made yet. */
  'reserved',
  /** What the destination holds was read; what differs is written next. */
  'compared',
  /** A part of a compared batch was written. */
  'part written',
  /** Records were written, and their lists not yet. */
  'records written',
  /** The answer is here; nothing of it is written down. */
  'answered',
  /** The answer is written down. */
  'settled',
  /** A list is looked for, or made. */
  'list claimed',
  /** A list was found or made, and not written down. */
  'list made',
  /** A job is written down; it has no rows, and the destination knows nothing of it. */
  'bulk begun',
  /** Rows are marked as in the job. */
  'bulk claimed',
  /** The job is open at the destination, under an id that is not written down. */
  'bulk opened',
  /** Its id is written down; its content leaves next. */
  'bulk known',
  /** The destination has its content. */
  'bulk uploaded',
  /** It is written down that it is being closed; the call leaves next. */
  'bulk closing',
  /** It was closed, and that is not written down. */
  'bulk closed',
  /** It is written down that it has ended; nothing of what it did is. */
  'bulk ended',
  /** A part of what it did is written down; it still has the rows. */
  'bulk settled',
  /** Everything that it did is written down. */
  'bulk read',
  /** Its rows are due again; it is open at the destination. */
  'bulk abandoned',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

type Listener = (point: CrashPoint) => Promise<void>;
let listener: Listener | undefined;

/** Does nothing but in crash runs, where it may never return. */
export const passCrashPoint = (point: CrashPoint): Promise<void> | undefined => listener?.(point);

/** For crash runs alone. */
export function listenAtCrashPoints(found: Listener | undefined): void {
  listener = found;
}
