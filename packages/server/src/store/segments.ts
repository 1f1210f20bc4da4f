import type { BucketRange } from '@headrace/core';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';

/** A draft was never evaluated; an inactive segment keeps its memberships as they were. */
export type SegmentState = 'draft' | 'published' | 'inactive';

export type SegmentRow = {
  readonly segmentId: string;
  readonly name: string;
  readonly description: string;
  readonly expression: string;
  /** The rule that a published one is to have when everyone has been evaluated by it; null when it is not being edited. */
  readonly editedExpression: string | null;
  readonly state: SegmentState;
  /** Null while the whole population is still to be evaluated. */
  readonly evaluatedAt: Date | null;
  readonly createdAt: Date;
};

/** Deleted ones and the successors of edited ones are seen nowhere. */
export const isSeen = `state not in ('successor', 'deleting')`;

const columns = `segment_id as "segmentId", name, description, expression,
  edited_expression as "editedExpression", state, evaluated_at as "evaluatedAt",
  created_at as "createdAt"`;

/** @returns false when another segment has the name. */
export async function insertSegment(
  trx: Trx,
  segment: Omit<SegmentRow, 'evaluatedAt' | 'editedExpression'>,
): Promise<boolean> {
  const inserted = await trx.query(
    `insert into segment (segment_id, name, description, expression, state, created_at, in_force_since)
     values ($1, $2, $3, $4, $5, $6, $6) on conflict (name) where ${isSeen} do nothing`,
    [
      segment.segmentId,
      segment.name,
      segment.description,
      segment.expression,
      segment.state,
      segment.createdAt,
    ],
  );
  return inserted.rowCount === 1;
}

export function readSegments(db: Db): Promise<SegmentRow[]> {
  return preparedRows(db, `select ${columns} from segment where ${isSeen} order by name`);
}

/** Segments that a rule may look at: id → name. @param state only those in it. */
export async function readSegmentNames(db: Db, state?: SegmentState): Promise<ReadonlyMap<string, string>> {
  const segments = await readSegments(db);
  return new Map(
    segments.flatMap((segment) =>
      state === undefined || segment.state === state ? [[segment.segmentId, segment.name]] : [],
    ),
  );
}

/** A rule that is evaluated, of a published segment or of a successor. */
export type EvaluatedSegment = Pick<SegmentRow, 'segmentId' | 'expression'> & {
  /** When its rule came into force, in milliseconds since 1970; null when that is not known. */
  readonly inForceSince: number | null;
};

export function readEvaluatedSegments(db: Db): Promise<EvaluatedSegment[]> {
  return preparedRows(
    db,
    `select segment_id as "segmentId", expression,
       round(extract(epoch from in_force_since) * 1000)::float8 as "inForceSince"
     from segment where state in ('published', 'successor') order by segment_id`,
  );
}

/** A value that is another one after every write of segments, and back to none it was before. */
export async function readSegmentRevision(db: Db): Promise<string> {
  const [row] = await preparedRows<{ revision: string }>(db, 'select revision from segment_revision');
  return row?.revision ?? '';
}

export function readSegment(db: Db, segmentId: string): Promise<SegmentRow | undefined> {
  return maybeRow(db, `select ${columns} from segment where segment_id = $1 and ${isSeen}`, [segmentId]);
}

/**
 * Everyone has been evaluated.
 * @param withIds those evaluated with it; one that waits for its own first evaluation goes on waiting.
 */
export async function markSegmentsEvaluated(
  trx: Trx,
  { segmentId, withIds }: { readonly segmentId: string; readonly withIds: readonly string[] },
  { beganAt, now }: { readonly beganAt: Date; readonly now: Date },
): Promise<void> {
  await trx.query(
    `update segment set evaluated_at = $3, evaluation_began_at = greatest(evaluation_began_at, $4)
     where state = 'published' and (segment_id = $1 or segment_id = any($2) and evaluated_at is not null)`,
    [segmentId, withIds, now, beganAt],
  );
}

/** Writes what can change of a segment. @param inForceSince null: its rule is in force, or not, as before. */
export async function writeSegment(
  trx: Trx,
  segment: Omit<SegmentRow, 'createdAt'>,
  inForceSince: Date | null,
): Promise<void> {
  await trx.query(
    `update segment set name = $2, description = $3, expression = $4, state = $5, evaluated_at = $6,
       edited_expression = $7, in_force_since = coalesce($8, in_force_since)
     where segment_id = $1`,
    [
      segment.segmentId,
      segment.name,
      segment.description,
      segment.expression,
      segment.state,
      segment.evaluatedAt,
      segment.editedExpression,
      inForceSince,
    ],
  );
}

/** From here on it is found nowhere and its name is free; its memberships are still there. */
export async function markSegmentDeleting(trx: Trx, segmentId: string): Promise<void> {
  await trx.query(`update segment set state = 'deleting' where segment_id = $1`, [segmentId]);
}

/** @returns how many memberships were removed. */
export async function deleteMembershipsInBuckets(
  trx: Trx,
  segmentId: string,
  { firstBucket, lastBucket }: BucketRange,
): Promise<number> {
  const key = 'bucket between $1 and $2 and segment_id = $3';
  const values = [firstBucket, lastBucket, segmentId];
  await trx.query(`delete from segment_membership_change where ${key}`, values);
  const deleted = await trx.query(`delete from segment_membership where ${key}`, values);
  return deleted.rowCount ?? 0;
}

/** The last of a segment, with memberships that a merge carried to where they had been removed. */
export async function deleteSegment(trx: Trx, segmentId: string): Promise<void> {
  await trx.query('delete from segment_membership where segment_id = $1', [segmentId]);
  await trx.query('delete from segment_count where segment_id = $1', [segmentId]);
  await trx.query('delete from segment where segment_id = $1', [segmentId]);
}

/** Dataflows that a segment is activated to, by name. */
export function readSegmentDataflows(
  db: Db,
  segmentId: string,
): Promise<{ dataflowId: string; name: string }[]> {
  return rows(
    db,
    `select d.dataflow_id as "dataflowId", d.name from activation a join dataflow d using (dataflow_id)
     where a.segment_id = $1 order by d.name`,
    [segmentId],
  );
}
