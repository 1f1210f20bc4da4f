-- The log of calls.

create table destination_call (
  account_id uuid not null,
  started_at timestamptz not null,
  destination_call_id bigint generated always as identity,
  dataflow_id uuid,
  batch_id uuid,
  purpose text not null,
  method text not null,
  path text not null,
  status smallint,
  was_sent boolean not null,
  code text,
  duration_ms real not null,
  request_bytes integer not null,
  response_bytes integer not null,
  records integer,
  calls_used bigint,
  calls_allowed bigint,
  primary key (account_id, started_at, destination_call_id)
);
create index destination_call_batch on destination_call (batch_id) where batch_id is not null;
create index destination_call_age on destination_call (started_at);
comment on table destination_call is 'Log of requests to destinations, bounded by age and number for each account; written behind the calls, so that a crash loses the last second of it. The ledger of the budget is api_call_bin.';
comment on column destination_call.account_id is 'Without a foreign key: a sign-in that never becomes an account is logged, too, and goes by its age.';
comment on column destination_call.path is 'Without values: keys and literals are ?.';
comment on column destination_call.status is 'Of the answer; null when none came.';
comment on column destination_call.was_sent is 'False when it is certain that nothing of it left.';
comment on column destination_call.batch_id is 'The records it was made for name it, too: export_state.in_flight, delivery_outcome.batch_id.';

-- What was sent.

alter table delivery_outcome add batch_id uuid, add sent_values jsonb;
comment on column delivery_outcome.batch_id is 'The call it comes from; null where none was made.';
comment on column delivery_outcome.sent_values is 'Field, or @ and list → what was written; null where nothing was. Erased with the person.';

-- Runs.

alter table dataflow_run add dataflow_run_id uuid not null default gen_random_uuid() unique, add settled_at timestamptz;
comment on column dataflow_run.settled_at is 'When the last of its changes came to an outcome, so far.';

-- Whose creation a record is.

alter table export_state add created_record_id text;
comment on column export_state.created_record_id is 'The record that a delivery of this row made, as far as the answer came: only where record_id is still the same may it be deleted with the dataflow.';
update export_state e set created_record_id = o.record_id
from delivery_outcome o
where o.created and o.profile_id = e.profile_id and o.dataflow_id = e.dataflow_id and o.record_id = e.record_id;
