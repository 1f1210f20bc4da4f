import { bucketOf } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

export type AtDestinations = 'keep' | 'delete';

/** What became of a person's record at a destination. */
export type RemovedRecord = {
  readonly accountId: string;
  readonly object: string;
  readonly recordId: string;
  /** `absent`: it was gone already; `failed`: the destination refuses, for good. */
  readonly outcome: 'kept' | 'deleted' | 'absent' | 'failed';
  /** The destination's own. */
  readonly code?: string;
};

export type ProfileDeletion = {
  readonly profileDeletionId: string;
  readonly profileId: string;
  /** Profiles that had been merged into it. */
  readonly formerProfileIds: readonly string[];
  readonly atDestinations: AtDestinations;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
  readonly facts: {
    /** Deleted with the profile. */
    readonly fragments: number;
    readonly events: number;
    /** Once it is finished. */
    readonly records?: readonly RemovedRecord[];
  };
};

const columns = `profile_deletion_id as "profileDeletionId", profile_id as "profileId",
  former_profile_ids as "formerProfileIds", at_destinations as "atDestinations", requested_at as "requestedAt",
  finished_at as "finishedAt", facts`;

export async function insertProfileDeletion(
  trx: Trx,
  deletion: Omit<ProfileDeletion, 'finishedAt'> & { readonly principal: string },
): Promise<void> {
  await trx.query(
    `insert into profile_deletion
       (profile_deletion_id, profile_id, former_profile_ids, at_destinations, principal, requested_at, facts)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      deletion.profileDeletionId,
      deletion.profileId,
      deletion.formerProfileIds,
      deletion.atDestinations,
      deletion.principal,
      deletion.requestedAt,
      JSON.stringify(deletion.facts),
    ],
  );
}

export function readProfileDeletion(db: Db, profileDeletionId: string): Promise<ProfileDeletion | undefined> {
  return maybeRow(db, `select ${columns} from profile_deletion where profile_deletion_id = $1`, [
    profileDeletionId,
  ]);
}

/** A page of deletions, newest first, behind one of them. */
export function readProfileDeletions(
  db: Db,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<ProfileDeletion[]> {
  return rows(
    db,
    `select ${columns} from profile_deletion
     where $1::uuid is null or (requested_at, profile_deletion_id) <
       (select requested_at, profile_deletion_id from profile_deletion where profile_deletion_id = $1)
     order by requested_at desc, profile_deletion_id desc limit $2`,
    [page.after ?? null, page.limit],
  );
}

/** A page of unfinished deletions, oldest first. */
export function readOpenDeletions(
  db: Db,
  page: { readonly after: ProfileDeletion | undefined; readonly limit: number },
): Promise<ProfileDeletion[]> {
  return rows(
    db,
    `select ${columns} from profile_deletion
     where finished_at is null
       and ($1::timestamptz is null or (requested_at, profile_deletion_id) > ($1, $2::uuid))
     order by requested_at, profile_deletion_id limit $3`,
    [page.after?.requestedAt ?? null, page.after?.profileDeletionId ?? null, page.limit],
  );
}

/** Which of the given profiles were deleted as people, not merged. */
export async function findDeletedPeople(db: Db, profileIds: readonly string[]): Promise<Set<string>> {
  if (profileIds.length === 0) return new Set();
  const found = await rows<{ profileId: string }>(
    db,
    'select profile_id as "profileId" from profile_deletion where profile_id = any($1)',
    [profileIds],
  );
  return new Set(found.map(({ profileId }) => profileId));
}

/** @returns false when it was finished meanwhile. */
export async function finishProfileDeletion(
  trx: Trx,
  profileDeletionId: string,
  records: readonly RemovedRecord[],
  now: Date,
): Promise<boolean> {
  const finished = await trx.query(
    `update profile_deletion set finished_at = $2, facts = facts || jsonb_build_object('records', $3::jsonb)
     where profile_deletion_id = $1 and finished_at is null`,
    [profileDeletionId, now, JSON.stringify(records)],
  );
  return finished.rowCount === 1;
}

/** Records at destinations that are kept for a person's profiles and for nobody else. */
export function readPersonRecords(
  db: Db,
  profileIds: readonly string[],
): Promise<{ accountId: string; object: string; recordId: string }[]> {
  return rows(
    db,
    `with person as (select * from unnest($1::smallint[], $2::uuid[]) as person (bucket, profile_id))
     select account_id as "accountId", object, record_id as "recordId"
     from (
       select c.account_id, c.object, c.record_id from match_claim c join person using (bucket, profile_id)
       union
       select d.account_id, e.object, e.record_id
       from export_state e join person using (bucket, profile_id) join dataflow d using (dataflow_id)
     ) as kept
     where record_id is not null and object is not null and not exists (
       select from match_claim other
       where other.account_id = kept.account_id and other.object = kept.object
         and other.record_id = kept.record_id and other.profile_id <> all ($2::uuid[]))
     order by account_id, object, record_id`,
    personColumns(profileIds),
  );
}

export type PersonExport = {
  readonly dataflowId: string;
  readonly profileId: string;
  readonly wantedSeq: number;
  /** A request may still be running, or is still to be read back. */
  readonly isInFlight: boolean;
};

/** Rows of a person's profiles that have not come to an outcome, locked. */
export function readUnsettledExports(
  trx: Trx,
  profileIds: readonly string[],
  now: Date,
): Promise<PersonExport[]> {
  return rows(
    trx,
    `select e.dataflow_id as "dataflowId", e.profile_id as "profileId", e.wanted_seq as "wantedSeq",
       e.in_flight is not null and (e.due_at > $3 or d.enabled) as "isInFlight"
     from export_state e
     join unnest($1::smallint[], $2::uuid[]) as person (bucket, profile_id) using (bucket, profile_id)
     join dataflow d using (dataflow_id)
     where e.status = 'pending'
     order by e.bucket, e.dataflow_id, e.profile_id
     for update of e`,
    [...personColumns(profileIds), now],
  );
}

/**
 * Forgets what the ledger and the history of deliveries know of a person, but for the ids of their records; also of those
 * that were left behind. Call it while the claims of the person stand.
 */
export async function erasePerson(trx: Trx, profileIds: readonly string[]): Promise<void> {
  const person = 'unnest($1::smallint[], $2::uuid[]) as person (bucket, profile_id)';
  await trx.query(
    `update export_state e
     set member = false, code = 'person_deleted', message = null, match_key = null, sent_hash = null, sent = null,
       hold_until = null
     from ${person} where e.bucket = person.bucket and e.profile_id = person.profile_id`,
    personColumns(profileIds),
  );
  await trx.query(
    `with left_record as (
       select e.ctid as row_id from export_state e where e.left_behind and e.source_profile_id = any($2)
       union
       select e.ctid from match_claim c join ${person} using (bucket, profile_id) join dataflow d using (account_id)
         join export_state e on e.dataflow_id = d.dataflow_id and e.left_behind and e.record_id = c.record_id
           and e.object = c.object)
     update export_state e set sent = null, sent_hash = null from left_record where e.ctid = left_record.row_id`,
    personColumns(profileIds),
  );
  await trx.query(
    `update delivery_outcome set message = null, sent_values = null
     where profile_id = any($1) and (message is not null or sent_values is not null)`,
    [profileIds],
  );
}

/** Lets go of the match keys of a person. @returns them, by account. */
export function deletePersonClaims(
  trx: Trx,
  profileIds: readonly string[],
): Promise<{ accountId: string; matchKey: string }[]> {
  return rows(
    trx,
    `delete from match_claim c using unnest($1::smallint[], $2::uuid[]) as person (bucket, profile_id)
     where c.bucket = person.bucket and c.profile_id = person.profile_id
     returning c.account_id as "accountId", c.match_key as "matchKey"`,
    personColumns(profileIds),
  );
}

const personColumns = (profileIds: readonly string[]): unknown[] => [profileIds.map(bucketOf), profileIds];
