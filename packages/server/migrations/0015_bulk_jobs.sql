create table bulk_job (
  bulk_job_id uuid primary key,
  bucket smallint not null,
  dataflow_id uuid not null references dataflow on delete cascade,
  account_id uuid not null references account on delete cascade,
  delivery_group text not null check (delivery_group in ('create', 'update')),
  details jsonb not null,
  object text,
  fields text[],
  destination_job_id text,
  state text not null default 'uploading'
    check (state in ('uploading', 'closing', 'working', 'reading', 'abandoning', 'finished')),
  records bigint not null default 0,
  settled bigint not null default 0,
  looks integer not null default 0,
  look_at timestamptz not null,
  error jsonb,
  opened_at timestamptz not null,
  closing_at timestamptz,
  finished_at timestamptz,
  check ((state = 'finished') = (finished_at is not null)),
  check (destination_job_id is null or (object is not null and fields is not null))
);
create index bulk_job_open on bulk_job (look_at) where finished_at is null;
create index bulk_job_dataflow on bulk_job (dataflow_id, opened_at);
comment on table bulk_job is 'Backlogs that are written as jobs which the destination works off by itself. Rows of export_state that are in one have its id in in_flight.';
comment on column bulk_job.bucket is 'Of bulk_job_id: who delivers that bucket sees to the job.';
comment on column bulk_job.destination_job_id is 'Its id there; null until it is opened.';
comment on column bulk_job.state is 'uploading: it was certainly not closed; closing: it may have been; working: it was; reading: it has ended, and outcomes are being written down; abandoning: it writes nothing, and its rows become due again.';
comment on column bulk_job.details is 'Of the dataflow when it was opened.';
comment on column bulk_job.settled is 'Rows whose outcome is written down.';
comment on column bulk_job.error is 'Why it ended before its time: code and message.';

create table bulk_row (
  bucket smallint not null,
  bulk_job_id uuid not null references bulk_job on delete cascade,
  profile_id uuid not null,
  row_key text not null,
  hash text,
  sent jsonb not null,
  settle_as jsonb not null,
  primary key (bucket, bulk_job_id, profile_id)
);
create index bulk_row_key on bulk_row (bulk_job_id, row_key);
comment on table bulk_row is 'What a row of export_state becomes once its job has written it; deleted when its outcome is written down.';
comment on column bulk_row.row_key is 'Digest of what tells the record in the results of its job.';

-- Held back for two requests, one of which may be a job: until the job ends nobody knows for how long.
create index export_state_held_twice on export_state (dataflow_id, hold_until) where held_by is null and hold_until is not null;
