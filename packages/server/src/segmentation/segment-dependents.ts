import { HeadraceError } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { readSegmentDataflows, type SegmentRow } from '../store/segments.ts';
import type { SegmentRules } from './segment-rules.ts';

/** What relies on a segment. */
export type Dependents = {
  /** It is activated to them. */
  readonly dataflows: readonly { readonly dataflowId: string; readonly name: string }[];
  /** Their rules look at it, whatever their state. */
  readonly segments: readonly Pick<SegmentRow, 'segmentId' | 'name' | 'state'>[];
};

export async function readDependents(db: Db, rules: SegmentRules, segmentId: string): Promise<Dependents> {
  const dataflows = await readSegmentDataflows(db, segmentId);
  const segments = await rules.readersOf(db, segmentId);
  return { dataflows, segments };
}

/** How many of each kind an error names. */
const named = 5;

/** @throws HeadraceError `conflict` that names what depends on the segment, when anything does. */
export function refuseDependents(name: string, isToBe: string, { dataflows, segments }: Dependents): void {
  if (dataflows.length === 0 && segments.length === 0) return;
  const parts = [listNames('dataflows', dataflows), listNames('segments', segments)].filter(Boolean);
  throw new HeadraceError(
    'conflict',
    `The segment ${JSON.stringify(name)} cannot be ${isToBe}: it is used by ${parts.join(' and ')}. Free it there first.`,
  );
}

function listNames(what: string, items: readonly { readonly name: string }[]): string {
  if (items.length === 0) return '';
  const names = items.slice(0, named).map(({ name }) => JSON.stringify(name));
  const more = items.length > named ? ` and ${items.length - named} more` : '';
  return `${what} ${names.join(', ')}${more}`;
}
