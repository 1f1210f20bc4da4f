import type { MappingRow, OnExit } from '@headrace/core';
import { type Db, preparedRows, rows, type Trx } from './database.ts';
import { resumed } from './dataflows.ts';

/** A dataflow with what its delivery depends on. */
export type DeliveryDataflow = {
  readonly dataflowId: string;
  readonly accountId: string;
  /** Of its account, raised when its credentials are replaced. */
  readonly credentialsRevision: number;
  readonly mapping: readonly MappingRow[];
  readonly details: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  /** Raised when anything changes that its records depend on. */
  readonly revision: number;
  /** The mapping is new and its members are still to be marked due. */
  readonly remarkWanted: boolean;
  readonly stoppedBy: { readonly code: string; readonly message: string; readonly at: string } | null;
  /** The destination is told of each segment. */
  readonly tellsMemberships: boolean;
  /** All that were ever activated, those whose time has not begun left out. */
  readonly segments: readonly ActivatedSegment[];
  /** Those activated now. */
  readonly segmentIds: readonly string[];
};

export type ActivatedSegment = {
  readonly segmentId: string;
  readonly name: string;
  readonly mappingId: string | null;
  readonly onExit: OnExit;
  readonly listId: string | null;
  /** False once its activation ended. */
  readonly isActive: boolean;
};

/** Dataflows with at least one activation, past ones too, as of an instant. */
export async function readActivatedDataflows(db: Db, now: Date): Promise<DeliveryDataflow[]> {
  const found = await preparedRows<Omit<DeliveryDataflow, 'segmentIds'>>(
    db,
    `select d.dataflow_id as "dataflowId", d.account_id as "accountId", d.mapping, d.details, d.enabled,
       d.revision, d.remark_wanted as "remarkWanted", d.tells_memberships as "tellsMemberships",
       d.stopped_by as "stoppedBy", account.credentials_revision as "credentialsRevision", a.segments
     from dataflow d join account using (account_id) join (
       select dataflow_id, json_agg(json_build_object('segmentId', segment_id, 'name', s.name,
         'mappingId', mapping_id, 'onExit', on_exit, 'listId', list_id,
         'isActive', ends_at is null or ends_at > $1) order by segment_id) as segments
       from activation join segment s using (segment_id)
       where starts_at is null or starts_at <= $1
       group by dataflow_id) a using (dataflow_id)
     where d.deleting_at is null
     order by d.dataflow_id`,
    [now],
  );
  return found.map((dataflow) => ({
    ...dataflow,
    segmentIds: dataflow.segments.flatMap(({ segmentId, isActive }) => (isActive ? [segmentId] : [])),
  }));
}

/** SQL: something may be sent for a dataflow. */
export const isDelivering = (dataflow: string): string =>
  `${dataflow}.enabled and ${dataflow}.deleting_at is null`;

/** Whether a dataflow is still as it was read; ask after rows have been locked. */
export async function isRevisionCurrent(trx: Trx, dataflowId: string, revision: number): Promise<boolean> {
  const found = await preparedRows<object>(
    trx,
    'select from dataflow where dataflow_id = $1 and revision = $2',
    [dataflowId, revision],
  );
  return found.length === 1;
}

/** Every member of the revision's mapping has been marked due. */
export async function markRemarked(db: Db, dataflowId: string, revision: number): Promise<void> {
  await db.query('update dataflow set remark_wanted = false where dataflow_id = $1 and revision = $2', [
    dataflowId,
    revision,
  ]);
}

/**
 * Stops a dataflow by a connection-level error; it stays stopped until it is mended.
 * @param asRead leaves it as it is where it, or the credentials of its account, were changed since: the error is of before.
 * @returns whether it is stopped by the error now.
 */
export async function stopDataflow(
  db: Db,
  dataflowId: string,
  error: { readonly code: string; readonly message: string },
  now: Date,
  asRead?: Pick<DeliveryDataflow, 'revision' | 'credentialsRevision'>,
): Promise<boolean> {
  const stopped = await db.query(
    `update dataflow d set stopped_by = jsonb_build_object('code', $2::text, 'message', $3::text, 'at', $4::timestamptz)
     from account a
     where d.dataflow_id = $1 and a.account_id = d.account_id
       and d.revision = coalesce($5, d.revision) and a.credentials_revision = coalesce($6, a.credentials_revision)`,
    [
      dataflowId,
      error.code,
      error.message,
      now,
      asRead?.revision ?? null,
      asRead?.credentialsRevision ?? null,
    ],
  );
  return stopped.rowCount === 1;
}

/** Ends the stop of a dataflow as a person wants it; what it was stopped by before counts no more. */
export async function resumeDataflow(db: Db, dataflowId: string): Promise<void> {
  await db.query(`update dataflow set ${resumed} where dataflow_id = $1`, [dataflowId]);
}

/**
 * Ends stops by an error that was seen to be mended: that of a dataflow, or those of all dataflows of an account.
 * Whether they last is not known yet.
 */
export async function endStops(
  db: Db,
  of: { readonly dataflowId: string } | { readonly accountId: string },
  code: string,
): Promise<void> {
  const [column, id] = 'accountId' in of ? ['account_id', of.accountId] : ['dataflow_id', of.dataflowId];
  await db.query(`update dataflow set stopped_by = null where ${column} = $1 and stopped_by->>'code' = $2`, [
    id,
    code,
  ]);
}

/** What a person chose for an activation. */
export type ActivationOptions = {
  readonly mappingId: string | null;
  readonly onExit: OnExit;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
};

/**
 * Activates a segment, or does so anew once it ended: its list, which may be gone by then, is looked for again.
 * @returns false when it is activated already.
 */
export async function insertActivation(
  trx: Trx,
  { dataflowId, segmentId }: { readonly dataflowId: string; readonly segmentId: string },
  { mappingId, onExit, startsAt, endsAt }: ActivationOptions,
  now: Date,
): Promise<boolean> {
  const inserted = await trx.query(
    `insert into activation (dataflow_id, segment_id, activated_at, mapping_id, on_exit, starts_at, ends_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (dataflow_id, segment_id) do update
     set activated_at = excluded.activated_at, backfilled_at = null, ended_at = null,
       list_id = null, list_claimed_until = ${lostClaim}, mapping_id = excluded.mapping_id,
       on_exit = excluded.on_exit, starts_at = excluded.starts_at, ends_at = excluded.ends_at
     where activation.ended_at is not null or activation.ends_at <= $3`,
    [dataflowId, segmentId, now, mappingId, onExit, startsAt, endsAt],
  );
  await raiseRevision(trx, dataflowId);
  return inserted.rowCount === 1;
}

/** What was chosen for an activation that goes on. */
export async function readActivation(
  trx: Trx,
  { dataflowId, segmentId }: { readonly dataflowId: string; readonly segmentId: string },
): Promise<ActivationOptions | undefined> {
  const [found] = await rows<ActivationOptions>(
    trx,
    `select mapping_id as "mappingId", on_exit as "onExit", starts_at as "startsAt", ends_at as "endsAt"
     from activation where dataflow_id = $1 and segment_id = $2 and ended_at is null`,
    [dataflowId, segmentId],
  );
  return found;
}

/** Changes an activation; members are marked again. */
export async function updateActivation(
  trx: Trx,
  { dataflowId, segmentId }: { readonly dataflowId: string; readonly segmentId: string },
  { mappingId, onExit, startsAt, endsAt }: ActivationOptions,
): Promise<void> {
  await trx.query(
    `update activation
     set list_id = case when mapping_id is not distinct from $3 then list_id end,
       list_claimed_until = case when mapping_id is not distinct from $3 then list_claimed_until else ${lostClaim} end,
       mapping_id = $3, on_exit = $4, starts_at = $5, ends_at = $6, backfilled_at = null
     where dataflow_id = $1 and segment_id = $2 and ended_at is null`,
    [dataflowId, segmentId, mappingId, onExit, startsAt, endsAt],
  );
  await trx.query(
    'update dataflow set remark_wanted = true, revision = revision + 1 where dataflow_id = $1',
    [dataflowId],
  );
}

/** Whoever claims by what was read before finds out. */
export async function raiseRevision(trx: Trx, dataflowId: string): Promise<void> {
  await trx.query('update dataflow set revision = revision + 1 where dataflow_id = $1', [dataflowId]);
}

/**
 * One server may look for the list of a segment at a time, and after an unknown outcome nobody until the lost call can
 * no longer be running.
 * @returns false where another one has it.
 */
export async function claimActivationList(
  db: Db,
  { dataflowId, segmentId }: { readonly dataflowId: string; readonly segmentId: string },
  now: Date,
  until: Date,
): Promise<boolean> {
  const claimed = await db.query(
    `update activation set list_claimed_until = $4
     where dataflow_id = $1 and segment_id = $2 and list_id is null
       and (list_claimed_until is null or list_claimed_until <= $3)`,
    [dataflowId, segmentId, now, until],
  );
  return claimed.rowCount === 1;
}

/**
 * SQL: of a claim, so that who holds it does not find it again, and leaves what it found or made to who comes next.
 */
export const lostClaim = `case when activation.list_id is null
  then activation.list_claimed_until + interval '1 millisecond' end`;

/** Whoever claimed the list looks for it no longer. @param claimedUntil as the list was claimed */
export async function releaseActivationList(
  db: Db,
  { dataflowId, segmentId }: { readonly dataflowId: string; readonly segmentId: string },
  claimedUntil: Date,
): Promise<void> {
  await db.query(
    `update activation set list_claimed_until = null
     where dataflow_id = $1 and segment_id = $2 and list_claimed_until = $3`,
    [dataflowId, segmentId, claimedUntil],
  );
}

/**
 * The list of a segment at the destination is known from now on, unless the claim it was looked for under is gone: what
 * was found is of before.
 * @param claimedUntil as the list was claimed
 */
export async function setActivationList(
  trx: Trx,
  { dataflowId, segmentId }: { readonly dataflowId: string; readonly segmentId: string },
  listId: string,
  claimedUntil: Date,
): Promise<void> {
  await trx.query(
    'update activation set list_id = $3 where dataflow_id = $1 and segment_id = $2 and list_claimed_until = $4',
    [dataflowId, segmentId, listId, claimedUntil],
  );
  await raiseRevision(trx, dataflowId);
}

/** Activations that go on and whose present members are still to be marked due. */
export function readUnfilledActivations(
  db: Db,
  now: Date,
): Promise<{ dataflowId: string; segmentId: string }[]> {
  return rows(
    db,
    `select dataflow_id as "dataflowId", segment_id as "segmentId" from activation
     where backfilled_at is null and ${isStaying} and ${isGoing('$1')}
     order by activated_at`,
    [now],
  );
}

/** Segments of a dataflow whose activation goes on, or is still to begin. */
export function readGoingActivations(
  db: Db,
  dataflowId: string,
): Promise<{ segmentId: string; name: string; mappingId: string | null }[]> {
  return rows(
    db,
    `select segment_id as "segmentId", s.name, a.mapping_id as "mappingId"
     from activation a join segment s using (segment_id)
     where a.dataflow_id = $1 and a.ended_at is null order by a.segment_id`,
    [dataflowId],
  );
}

/** Activations whose time is over and whose members are still to be marked. */
export function readOverdueEnds(db: Db, now: Date): Promise<{ dataflowId: string; segmentId: string }[]> {
  return rows(
    db,
    `select dataflow_id as "dataflowId", segment_id as "segmentId" from activation
     where ended_at is null and ends_at <= $1 and ${isStaying} order by ends_at`,
    [now],
  );
}

/** Everyone was marked for the end of an activation. */
export async function markEnded(
  trx: Trx,
  { dataflowId, segmentId }: { readonly dataflowId: string; readonly segmentId: string },
  now: Date,
): Promise<void> {
  await trx.query(
    'update activation set ended_at = $3 where dataflow_id = $1 and segment_id = $2 and ends_at <= $3',
    [dataflowId, segmentId, now],
  );
}

export async function markBackfilled(
  trx: Trx,
  dataflowId: string,
  segmentId: string,
  now: Date,
): Promise<void> {
  await trx.query('update activation set backfilled_at = $3 where dataflow_id = $1 and segment_id = $2', [
    dataflowId,
    segmentId,
    now,
  ]);
}

/** SQL: an activation has begun at an instant, and has not ended. */
export const isGoing = (at: string): string =>
  `((starts_at is null or starts_at <= ${at}) and (ends_at is null or ends_at > ${at}))`;

/** SQL: the dataflow of an activation is not being deleted. */
const isStaying = 'dataflow_id not in (select dataflow_id from dataflow where deleting_at is not null)';
