import type { BucketRange } from '@headrace/core';
import type { Trx } from './database.ts';
import { lostClaim, raiseRevision } from './delivery-dataflows.ts';

/** The lists of a dataflow may be gone, as after its destination was restored to an older state: they are looked for again. */
export async function forgetLists(trx: Trx, dataflowId: string): Promise<void> {
  // Who is making a list now does not find its claim again, and leaves what it made to who comes next.
  await trx.query(
    `update activation
     set list_claimed_until = ${lostClaim}, list_id = null
     where dataflow_id = $1 and ended_at is null`,
    [dataflowId],
  );
  await raiseRevision(trx, dataflowId);
}

/**
 * What a dataflow knows of records in a range of buckets says nothing any more: the next time each is written whole. Nor
 * does what requests under way are answered: their rows are read back, those in jobs settled as known to be written and
 * not with what.
 */
export async function forgetDelivered(
  trx: Trx,
  { dataflowId, firstBucket, lastBucket }: BucketRange & { readonly dataflowId: string },
): Promise<void> {
  await trx.query(
    `update export_state e
     set sent_hash = null,
       in_flight = case when in_flight is null or exists (select from bulk_job where bulk_job_id = e.in_flight)
         then in_flight else gen_random_uuid() end
     where dataflow_id = $1 and bucket between $2 and $3 and (sent_hash is not null or in_flight is not null)`,
    [dataflowId, firstBucket, lastBucket],
  );
  await trx.query(
    `update bulk_row r set hash = null from bulk_job j
     where j.bulk_job_id = r.bulk_job_id and j.dataflow_id = $1 and j.finished_at is null
       and r.bucket between $2 and $3`,
    [dataflowId, firstBucket, lastBucket],
  );
}
