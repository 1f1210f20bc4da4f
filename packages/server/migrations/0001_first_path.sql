-- Configuration: small tables, named by people.

create table xdm_schema (
  schema_id uuid primary key,
  name text not null unique,
  class_id text not null,
  field_group_ids text[] not null,
  identities jsonb not null,
  created_at timestamptz not null
);
comment on table xdm_schema is 'A class plus field groups; says what a record of a dataset looks like.';
comment on column xdm_schema.identities is 'Identity descriptors: [{path, namespace, primary}].';

create table identity_namespace (
  code text primary key,
  title text not null,
  id_type text not null,
  created_at timestamptz not null
);
comment on table identity_namespace is 'Custom identity namespaces; the standard ones live in code.';

create table dataset (
  dataset_id uuid primary key,
  name text not null unique,
  schema_id uuid not null references xdm_schema,
  created_at timestamptz not null
);

create table segment (
  segment_id uuid primary key,
  name text not null unique,
  description text not null,
  expression text not null,
  evaluated_at timestamptz,
  created_at timestamptz not null
);
comment on column segment.expression is 'PQL text over the profile union schema.';
comment on column segment.evaluated_at is 'When the whole population was last evaluated; null while that is still to be done.';

create table account (
  account_id uuid primary key,
  destination_type text not null,
  name text not null unique,
  authentication text not null,
  settings jsonb not null,
  sealed_secrets bytea not null,
  organization_id text,
  report jsonb,
  connected_at timestamptz,
  created_at timestamptz not null
);
comment on column account.settings is 'Declared account fields that are not secret.';
comment on column account.sealed_secrets is 'AES-256-GCM over the JSON of the secret fields; never leaves the server.';
comment on column account.organization_id is 'The org first connected to; a token for another org is refused.';
comment on column account.report is 'The last successful connection report.';

create table dataflow (
  dataflow_id uuid primary key,
  account_id uuid not null references account,
  name text not null unique,
  description text not null,
  details jsonb not null,
  mapping jsonb not null,
  enabled boolean not null,
  stopped_by jsonb,
  revision bigint not null default 1,
  remark_wanted boolean not null default false,
  created_at timestamptz not null
);
comment on column dataflow.mapping is '[{source, target}]: a profile attribute path and a target name.';
comment on column dataflow.revision is 'Raised when mapping or enabled change: a claim made under an older one is given up.';
comment on column dataflow.remark_wanted is 'Set with a new mapping: every member is still to be marked due.';
comment on column dataflow.stopped_by is 'The connection-level error {code, message, at} that holds delivery; null while it flows.';

create table activation (
  dataflow_id uuid not null references dataflow,
  segment_id uuid not null references segment,
  activated_at timestamptz not null,
  backfilled_at timestamptz,
  primary key (dataflow_id, segment_id)
);
comment on table activation is 'A segment whose members a dataflow keeps at its destination.';
comment on column activation.backfilled_at is 'When everyone already qualified had been marked due; null while that is still to be done.';

create table audit_event (
  audit_event_id bigint generated always as identity primary key,
  at timestamptz not null,
  principal text not null,
  action text not null,
  subject_type text not null,
  subject_id text,
  facts jsonb not null
);
comment on table audit_event is 'Append-only: who did what. Ids and names of things only, no secrets, no personal data.';

-- Batches of records from files.

create table batch (
  batch_id uuid primary key,
  dataset_id uuid not null references dataset,
  status text not null check (status in ('loading', 'processing', 'success', 'failed', 'aborted')),
  file_name text not null,
  file_digest text not null,
  file_bytes bigint not null,
  mapping jsonb not null,
  received_at timestamptz not null,
  rows_read bigint not null default 0,
  rows_ingested bigint not null default 0,
  rows_failed bigint not null default 0,
  bytes_read bigint not null default 0,
  finished_at timestamptz,
  error text
);
create index batch_dataset on batch (dataset_id, received_at);
comment on column batch.file_digest is 'SHA-256 of the file; the same file for the same dataset and mapping is not loaded twice.';
comment on column batch.rows_read is 'Checkpoint, committed with the rows: a restart goes on behind it.';

create table batch_error (
  batch_id uuid not null references batch on delete cascade,
  row_number bigint not null,
  ordinal smallint not null,
  pointer text not null,
  keyword text not null,
  message text not null,
  primary key (batch_id, row_number, ordinal)
);
comment on column batch_error.row_number is 'Row of the file, the header being row 1.';
comment on table batch_error is 'Why a row was refused. Messages name fields and kinds of value, never the value.';

-- People. Every table that grows with them leads with the bucket of the profile: the last 12 bits of its id.

create table profile (
  bucket smallint not null check (bucket between 0 and 4095),
  profile_id uuid not null,
  document jsonb not null,
  version bigint not null,
  updated_at timestamptz not null,
  primary key (bucket, profile_id)
);
comment on table profile is 'The merged view of one person.';
comment on column profile.version is 'Raised by every change of the document.';

create table profile_fragment (
  bucket smallint not null,
  profile_id uuid not null,
  dataset_id uuid not null references dataset,
  namespace text not null,
  value text not null,
  record_id text not null,
  stamp timestamptz not null,
  identities jsonb not null,
  document jsonb not null,
  primary key (bucket, profile_id, dataset_id, namespace, value)
);
comment on table profile_fragment is 'What one dataset says of one primary identity: the newest record by stamp, ties by record id.';

create table profile_event (
  bucket smallint not null,
  profile_id uuid not null,
  dataset_id uuid not null references dataset,
  event_id text not null,
  at timestamptz not null,
  document jsonb not null,
  primary key (bucket, profile_id, dataset_id, event_id)
);
comment on table profile_event is 'ExperienceEvents of a profile, once per event id.';

create table identity (
  namespace text not null,
  value text not null,
  bucket smallint not null,
  profile_id uuid not null,
  dataset_id uuid not null,
  linked_at timestamptz not null,
  primary key (namespace, value)
);
create index identity_profile on identity (bucket, profile_id);
comment on table identity is 'Normalised identity to profile: the identity graph, joined.';
comment on column identity.dataset_id is 'The dataset whose record first carried it.';

create table segment_membership (
  bucket smallint not null,
  profile_id uuid not null,
  segment_id uuid not null references segment,
  status text not null check (status in ('realized', 'existing', 'exited')),
  last_qualification_time timestamptz not null,
  primary key (bucket, profile_id, segment_id)
);
create index segment_membership_segment on segment_membership (segment_id, status);

-- Delivery: level-triggered.

create table export_state (
  bucket smallint not null,
  dataflow_id uuid not null references dataflow,
  profile_id uuid not null,
  member boolean not null,
  status text not null check (status in ('pending', 'activated', 'excluded', 'failed', 'exited')),
  wanted_seq bigint not null,
  sending_seq bigint,
  sent_seq bigint,
  due_at timestamptz,
  pending_since timestamptz,
  in_flight uuid,
  object text,
  hold_until timestamptz,
  attempts integer not null default 0,
  match_key text,
  record_id text,
  sent_hash text,
  code text,
  message text,
  settled_at timestamptz,
  primary key (bucket, dataflow_id, profile_id),
  check ((status = 'pending') = (pending_since is not null)),
  check ((status = 'pending') = (due_at is not null)),
  check ((in_flight is null) = (sending_seq is null))
);
create index export_state_due on export_state (dataflow_id, due_at) where due_at is not null;
create index export_state_key on export_state (dataflow_id, match_key) where match_key is not null;
comment on table export_state is 'For each dataflow and profile: what the destination was last given and when to look again.';
comment on column export_state.member is 'In at least one segment activated to the dataflow, or was when last marked.';
comment on column export_state.wanted_seq is 'Raised by every change that matters.';
comment on column export_state.sending_seq is 'wanted_seq as read before the request left; null when nothing is on its way.';
comment on column export_state.sent_seq is 'sending_seq of the last settled request.';
comment on column export_state.due_at is 'When to look again: now, after a backoff, or, while in flight, when a lost request can no longer be running.';
comment on column export_state.in_flight is 'Batch written before the request leaves and cleared by settling; a row found with it set was sent with unknown outcome.';
comment on column export_state.hold_until is 'Nothing is sent before: a request for a profile merged into this one may still be running.';
comment on column export_state.object is 'Object at the destination that was last sent to.';
comment on column export_state.match_key is 'Key under which the profile is, or waits to be, matched at the destination.';
comment on column export_state.sent_hash is 'Hash of the fields last accepted by the destination; equal means nothing to write.';
comment on column export_state.code is 'Reason of an exclusion or code of a failure, also of the failure a retry waits for.';

create table match_claim (
  account_id uuid not null references account,
  object text not null,
  match_key text not null,
  bucket smallint not null,
  profile_id uuid not null,
  record_id text,
  claimed_at timestamptz not null,
  primary key (account_id, object, match_key)
);
create index match_claim_profile on match_claim (bucket, profile_id);
create unique index match_claim_record on match_claim (account_id, object, record_id) where record_id is not null;
comment on table match_claim is 'One profile per key and account: without it two profiles would overwrite one record for ever.';

create table delivery_outcome (
  settled_at timestamptz not null,
  delivery_outcome_id bigint generated always as identity,
  bucket smallint not null,
  dataflow_id uuid not null,
  profile_id uuid not null,
  seq bigint not null,
  run_started_at timestamptz not null,
  status text not null check (status in ('activated', 'excluded', 'failed')),
  code text,
  message text,
  record_id text,
  created boolean,
  primary key (settled_at, delivery_outcome_id)
) partition by range (settled_at);
create index delivery_outcome_run on delivery_outcome (dataflow_id, run_started_at, status);
create index delivery_outcome_profile on delivery_outcome (profile_id);
create table delivery_outcome_default partition of delivery_outcome default;
comment on table delivery_outcome is 'One row per settled change; append-only. Runs and history come from it, the present from export_state.';

create table dataflow_run (
  dataflow_id uuid not null references dataflow,
  started_at timestamptz not null,
  received bigint not null default 0,
  activated bigint not null default 0,
  excluded bigint not null default 0,
  failed bigint not null default 0,
  primary key (dataflow_id, started_at),
  check (received >= activated + excluded + failed)
);
comment on table dataflow_run is 'Counters of one hour, kept in the transactions that change the rows: received = activated + excluded + failed + pending.';
comment on column dataflow_run.started_at is 'The hour, rounded down, in which its changes became due.';

create table bucket_lease (
  first_bucket smallint primary key,
  last_bucket smallint not null,
  owner uuid,
  session_key bigint,
  fencing bigint not null default 0,
  expires_at timestamptz not null default '-infinity'
);
insert into bucket_lease (first_bucket, last_bucket)
select first, first + 255 from generate_series(0, 3840, 256) as first;
comment on table bucket_lease is 'Who delivers which profiles now.';
comment on column bucket_lease.session_key is 'Advisory lock the owner''s session holds: free means the owner is gone.';
comment on column bucket_lease.fencing is 'Raised by every change of owner.';

create table api_call_bin (
  account_id uuid not null references account,
  bin_started_at timestamptz not null,
  purpose text not null,
  calls bigint not null,
  primary key (account_id, bin_started_at, purpose)
);
comment on table api_call_bin is 'Ledger of our own calls in five-minute bins, written before each call is made.';
