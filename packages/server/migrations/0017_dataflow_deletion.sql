alter table dataflow add deleting_at timestamptz;
comment on column dataflow.deleting_at is 'From then on nothing is marked, claimed or sent for it; it goes with its deletion.';

create table dataflow_deletion (
  dataflow_id uuid primary key,
  account_id uuid not null,
  name text not null,
  at_destination text not null check (at_destination in ('keep', 'delete_created')),
  principal text not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  records_deleted bigint not null default 0,
  records_absent bigint not null default 0,
  records_failed bigint not null default 0,
  failure_code text,
  next_bucket integer not null default 0 check (next_bucket between 0 and 4096)
);
create index dataflow_deletion_newest on dataflow_deletion (requested_at, dataflow_id);
comment on table dataflow_deletion is 'Deletions of dataflows, open and done. First records that it made go at the destination, where asked for; then its rows, bucket by bucket; then itself.';
comment on column dataflow_deletion.next_bucket is 'Its rows in the buckets before are gone; committed with them.';
comment on column dataflow_deletion.failure_code is 'Of the last record that the destination refused to delete; such stay there.';
