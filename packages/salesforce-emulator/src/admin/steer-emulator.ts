import { noFaults, parseFaultOrder } from '../faults/fault-order.ts';
import type { Emulator } from '../http/emulator.ts';
import { resetOrg } from '../org/open-org.ts';
import { writeClock } from '../org/org-life.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { purgeBin } from '../records/recycle-bin.ts';

/** The last moment a Salesforce dateTime can hold. */
const lastInstant = Date.UTC(4000, 11, 31);

/** Throws an Error for a moment the org's time cannot be set to. */
export function checkInstant(instant: number): void {
  if (!(instant >= 0 && instant <= lastInstant))
    throw new Error('Clock: expected a moment from 1970-01-01 to 4000-12-31.');
}

/** Moves the org's time; what becomes due happens before this returns. Throws an Error beyond the year 4000. */
export function advanceClock(org: OrgState, milliseconds: number): void {
  const target = now(org) + milliseconds;
  checkInstant(target);
  // Each at its own moment: what is stamped or has to be in time does not see the whole jump.
  for (let due = org.timers.next(); due !== undefined && due <= target; due = org.timers.next()) {
    org.clockOffsetMs += Math.max(due - now(org), 0);
    org.timers.run();
    purgeBin(org);
  }
  org.clockOffsetMs += target - now(org);
  writeClock(org);
}

/** Sets the org's time to a moment, in epoch milliseconds. */
export const setClock = (org: OrgState, instant: number): void => advanceClock(org, instant - now(org));

/** Stops the org's time or lets it go on from where it stands. */
export function freezeClock(org: OrgState, isFrozen: boolean): void {
  const instant = now(org);
  org.frozenAt = isFrozen ? org.clock() : undefined;
  org.clockOffsetMs = instant - (org.frozenAt ?? org.clock());
  writeClock(org);
}

/** Orders faults. Throws an Error for an order it cannot read or a snapshot there is not. */
export function orderFaults({ org, snapshots }: Emulator, input: unknown): void {
  const order = parseFaultOrder(input);
  for (const { fault } of order.rules)
    if (fault.kind === 'restore' && !snapshots.list().some(({ name }) => name === fault.snapshot))
      throw new Error(`Faults: there is no snapshot "${fault.snapshot}".`);
  org.faults.set(order);
}

/** Removes the records, changes, calls and everything ordered; fields, users, sessions and snapshots stay. */
export function resetEmulator(emulator: Emulator): void {
  const { org, bulk, cursors, journal, calls } = emulator;
  org.timers.clear();
  resetOrg(org);
  cursors.clear();
  bulk.clear();
  journal.clear();
  calls.override(undefined);
  calls.clear();
  org.faults.set(noFaults);
  org.clockOffsetMs = 0;
  org.frozenAt = undefined;
  writeClock(org);
}

/** Puts the org back to a snapshot; false when there is none of this name. */
export function restoreSnapshot(emulator: Emulator, name: string, keepIds: boolean): boolean {
  const isKnown = emulator.snapshots.restore(name, keepIds);
  if (isKnown) {
    emulator.cursors.clear();
    emulator.bulk.runner.wake();
  }
  return isKnown;
}
