import type { OrgDefinition } from '../definition/org-definition.ts';
import type { Faults } from '../faults/fault-state.ts';
import type { Catalog } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Database } from '../store/database.ts';
import type { OrgTimers } from './org-timers.ts';
import type { RandomBytes } from './randomness.ts';
import type { RowLocks } from './row-locks.ts';

/** A running org: its schema, its records and what time and chance are for it. One process, one thread. */
export interface OrgState {
  /** An administrator may replace it while the org runs. */
  definition: OrgDefinition;
  readonly database: Database;
  readonly randomBytes: RandomBytes;
  readonly instanceId: string;
  readonly organizationId: string;
  catalog: Catalog;
  /** Added to the clock; an administrator moves time with it. */
  clockOffsetMs: number;
  readonly clock: () => number;
  /** The clock's reading at which an administrator stopped it; undefined while it runs. */
  frozenAt: number | undefined;
  readonly timers: OrgTimers;
  readonly faults: Faults;
  readonly locks: RowLocks;
  /** Next record number per object name. Numbers burnt by a rollback are not used again. */
  readonly nextNumbers: Map<string, number>;
}

/** The org's time in epoch milliseconds. */
export const now = (org: OrgState): number => (org.frozenAt ?? org.clock()) + org.clockOffsetMs;

/** The org's day, `2026-09-22`. */
export const today = (org: OrgState): string => new Date(now(org)).toISOString().slice(0, 10);

export function takeRecordNumber(org: OrgState, object: ObjectType): number {
  const next = org.nextNumbers.get(object.name) ?? 1;
  org.nextNumbers.set(object.name, next + 1);
  return next;
}
