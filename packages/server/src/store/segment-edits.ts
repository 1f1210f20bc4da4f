import { allBuckets } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';
import { type SegmentMoves, writeSegmentMembers } from './evaluate-segment.ts';

/**
 * Stands beside a published segment while that is being edited, or looks at one that is, and is evaluated as it is to
 * be; nobody sees it.
 */
export type SuccessorRow = {
  readonly segmentId: string;
  readonly succeeds: string;
  /** The population job that evaluates it over everyone, and others with it. */
  readonly editJobId: string;
  /** The rule it was made from; its own looks at other successors. */
  readonly source: string;
};

export function readSuccessors(db: Db): Promise<SuccessorRow[]> {
  return rows(
    db,
    `select segment_id as "segmentId", succeeds, edit_job_id as "editJobId", edited_expression as source
     from segment where state = 'successor' order by segment_id`,
  );
}

/** @param expression of its own. */
export async function insertSuccessor(
  trx: Trx,
  successor: SuccessorRow,
  expression: string,
  now: Date,
): Promise<void> {
  await trx.query(
    `insert into segment
       (segment_id, name, description, expression, state, created_at, in_force_since, succeeds, edit_job_id,
        edited_expression)
     select $1, name, '', $2, 'successor', $3, $3, segment_id, $4, $5 from segment where segment_id = $6`,
    [successor.segmentId, expression, now, successor.editJobId, successor.source, successor.succeeds],
  );
}

/** The job that evaluates what a segment is to be; undefined while it is not being edited. */
export function readEditJobId(db: Db, segmentId: string): Promise<{ editJobId: string } | undefined> {
  return maybeRow(
    db,
    `select edit_job_id as "editJobId" from segment where succeeds = $1 and state = 'successor'`,
    [segmentId],
  );
}

/**
 * Makes the members of a successor those of its segment, and its rule the rule: who enters or leaves does so now.
 * @returns how many do.
 */
export async function succeed(
  trx: Trx,
  { segmentId, succeeds }: SuccessorRow,
  now: Date,
): Promise<SegmentMoves> {
  const from = 'segment_membership p';
  const condition = `p.segment_id = $3::uuid and p.status <> 'exited'`;
  const sql = { from, condition, values: [segmentId], isExact: true };
  const moves = await writeSegmentMembers(trx, { segmentId: succeeds, sql, isTold: false }, allBuckets, now);
  await trx.query(
    `update segment set expression = coalesce(edited_expression, expression), edited_expression = null, evaluated_at = $2,
       evaluation_began_at = $2, in_force_since = $2
     where segment_id = $1`,
    [succeeds, now],
  );
  return moves;
}
