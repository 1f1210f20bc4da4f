import { bucketOf } from '@headrace/core';
import { type Db, rows } from './database.ts';
import type { SettledStatus } from './dataflow-runs.ts';
import type { SentValues } from './delivery-settlements.ts';

/** What became of one change of a profile at a dataflow. */
export type PastDelivery = {
  readonly deliveryId: number;
  readonly settledAt: Date;
  readonly status: SettledStatus;
  readonly code: string | null;
  readonly message: string | null;
  readonly recordId: string | null;
  /** Null where nothing was written. */
  readonly created: boolean | null;
  /** Of the calls that were made for it; null where none was. */
  readonly batchId: string | null;
  readonly sentValues: SentValues | null;
};

/** What became of a profile's changes at a dataflow, newest first, behind a place. */
export function readPastDeliveries(
  db: Db,
  page: {
    readonly dataflowId: string;
    readonly profileId: string;
    readonly status: string | undefined;
    readonly code: string | undefined;
    readonly since: Date | undefined;
    readonly after: { readonly at: Date; readonly id: number } | undefined;
    readonly limit: number;
  },
): Promise<PastDelivery[]> {
  return rows(
    db,
    `select delivery_outcome_id as "deliveryId", settled_at as "settledAt", status, code, message,
       record_id as "recordId", created, batch_id as "batchId", sent_values as "sentValues"
     from delivery_outcome
     where profile_id = $1 and bucket = $2 and dataflow_id = $3
       and ($4::text is null or status = $4) and ($5::text is null or code = $5)
       and settled_at >= coalesce($6::timestamptz, '-infinity')
       and ($7::timestamptz is null or (settled_at, delivery_outcome_id) < ($7, $8::bigint))
     order by settled_at desc, delivery_outcome_id desc limit $9`,
    [
      page.profileId,
      bucketOf(page.profileId),
      page.dataflowId,
      page.status ?? null,
      page.code ?? null,
      page.since ?? null,
      page.after?.at ?? null,
      page.after?.id ?? null,
      page.limit,
    ],
  );
}
