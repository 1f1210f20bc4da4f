import type { FaultOrderInput } from '../faults/fault-order.ts';
import type { Emulator } from '../http/emulator.ts';
import type { CallFilter, JournalEntry } from '../journal/call-journal.ts';
import type { ChangeKind } from '../journal/change-journal.ts';
import { type RecordChange, readChanges } from '../journal/read-changes.ts';
import { placeOfId } from '../org/record-of-id.ts';
import { findObject } from '../schema/catalog.ts';
import { advanceClock, orderFaults, resetEmulator, restoreSnapshot } from './steer-emulator.ts';

/** Which changes of records are wanted; what is left out matches all. */
export interface ChangeQuery {
  readonly object?: string;
  /** The 18-character id of one record. */
  readonly id?: string;
  /** The number of a call in the journal. */
  readonly call?: number;
  readonly kind?: ChangeKind;
  readonly limit?: number;
}

/** Steers an org from the program that started it, without HTTP. */
export interface OrgHandle {
  /** Orders faults, as `PUT /emulator/faults` does; `{}` ends them. Throws an Error for an order it cannot read. */
  readonly faults: (order: FaultOrderInput) => void;
  /** Moves the org's time; late writes that become due are applied before this returns. */
  readonly advance: (milliseconds: number) => void;
  /** The calls the org was sent, newest first. */
  readonly journal: (filter?: CallFilter & { readonly limit?: number }) => readonly JournalEntry[];
  /** What they changed, newest first. */
  readonly changes: (query?: ChangeQuery) => readonly RecordChange[];
  readonly takeSnapshot: (name: string) => void;
  /** Throws an Error when there is no such snapshot. */
  readonly restore: (name: string, options?: { readonly keepIds?: boolean }) => void;
  readonly reset: () => void;
}

const usualLimit = 1_000;

export function createHandle(emulator: Emulator): OrgHandle {
  const { org, journal, snapshots } = emulator;
  return {
    faults: (order) => orderFaults(emulator, order),
    advance: (milliseconds) => advanceClock(org, milliseconds),
    journal: ({ limit = usualLimit, ...filter } = {}) => journal.find(filter, limit),
    changes: ({ id, object: name, limit = usualLimit, ...filter } = {}) => {
      const place = id === undefined ? undefined : placeOfId(org.catalog, id);
      const object = id === undefined ? findObject(org.catalog, name ?? '') : place?.object;
      if ((name ?? id) !== undefined && object === undefined)
        throw new Error(`There is no object ${name ?? `of the record ${id}`}.`);
      return readChanges(org, { ...filter, object, rid: place?.rid }, limit);
    },
    takeSnapshot: (name) => {
      snapshots.take(name);
    },
    restore: (name, { keepIds = true } = {}) => {
      if (!restoreSnapshot(emulator, name, keepIds)) throw new Error(`There is no snapshot "${name}".`);
    },
    reset: () => resetEmulator(emulator),
  };
}
