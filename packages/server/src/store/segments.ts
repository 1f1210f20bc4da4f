import { bucketOf } from '@headrace/core';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';

export type SegmentRow = {
  readonly segmentId: string;
  readonly name: string;
  readonly description: string;
  readonly expression: string;
  /** Null while the whole population is still to be evaluated. */
  readonly evaluatedAt: Date | null;
  readonly createdAt: Date;
};

const columns = `segment_id as "segmentId", name, description, expression, evaluated_at as "evaluatedAt",
  created_at as "createdAt"`;

/** @returns false when another segment has the name. */
export async function insertSegment(trx: Trx, segment: Omit<SegmentRow, 'evaluatedAt'>): Promise<boolean> {
  const inserted = await trx.query(
    `insert into segment (segment_id, name, description, expression, created_at)
     values ($1, $2, $3, $4, $5) on conflict (name) do nothing`,
    [segment.segmentId, segment.name, segment.description, segment.expression, segment.createdAt],
  );
  return inserted.rowCount === 1;
}

export function readSegments(db: Db): Promise<SegmentRow[]> {
  return preparedRows(db, `select ${columns} from segment order by name`);
}

export function readSegment(db: Db, segmentId: string): Promise<SegmentRow | undefined> {
  return maybeRow(db, `select ${columns} from segment where segment_id = $1`, [segmentId]);
}

export async function markSegmentEvaluated(trx: Trx, segmentId: string, now: Date): Promise<void> {
  await trx.query('update segment set evaluated_at = $2 where segment_id = $1', [segmentId, now]);
}

/** Members, a page at a time in the order of the primary key. */
export function readSegmentMembers(
  db: Db,
  segmentId: string,
  after: string | undefined,
  limit: number,
): Promise<{ profileId: string; status: string; lastQualificationTime: Date }[]> {
  return rows(
    db,
    `select profile_id as "profileId", status, last_qualification_time as "lastQualificationTime"
     from segment_membership
     where segment_id = $1 and status <> 'exited'
       and bucket >= $2 and (bucket > $2 or $3::uuid is null or profile_id > $3)
     order by bucket, profile_id limit $4`,
    [segmentId, after === undefined ? 0 : bucketOf(after), after ?? null, limit],
  );
}
