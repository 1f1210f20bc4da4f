-- Schemas, datasets and merge policies as people shape them; the identity graph in the fragments; events in time.

create table field_group (
  field_group_id text primary key,
  title text not null,
  description text not null,
  class_ids text[] not null,
  properties json not null,
  required text[] not null default '{}',
  revision bigint generated always as identity,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index field_group_title on field_group (lower(title));
comment on table field_group is 'Custom field groups; the standard ones live in code.';
comment on column field_group.properties is 'Field name → XdmField, as packages/core/src/xdm/field.ts describes it; json, not jsonb, keeps their order. Only ever grows.';
comment on column field_group.revision is 'Another one with every change, also over deletion: what was compiled from an older one is stale.';

alter table xdm_schema
  add description text not null default '',
  add enabled_for_profile_at timestamptz,
  add labels jsonb not null default '{}',
  add updated_at timestamptz not null default now();
update xdm_schema set enabled_for_profile_at = created_at, updated_at = created_at;
comment on column xdm_schema.enabled_for_profile_at is 'Since when its fields are part of the union schema; never taken back.';
comment on column xdm_schema.labels is 'Data usage labels: dotted path → list of labels.';

alter table dataset
  add description text not null default '',
  add enabled_for_profile_at timestamptz,
  add labels text[] not null default '{}',
  add retention_days integer check (retention_days > 0),
  add deleting_at timestamptz;
update dataset set enabled_for_profile_at = created_at;
comment on column dataset.enabled_for_profile_at is 'Since when its records are part of profiles; before, they are kept in dataset_record.';
comment on column dataset.retention_days is 'Of an event dataset: how long events are kept; null is for ever.';
comment on column dataset.deleting_at is 'Set once it is being deleted: it takes no more records.';

create table dataset_record (
  bucket smallint not null check (bucket between 0 and 4095),
  dataset_id uuid not null references dataset,
  namespace text not null,
  value text not null,
  record_id text not null,
  stamp timestamptz not null,
  received_at timestamptz not null,
  batch_id uuid,
  document jsonb not null,
  primary key (dataset_id, bucket, namespace, value, record_id)
);
create index dataset_record_newest on dataset_record (dataset_id, received_at);
comment on table dataset_record is
  'Records of datasets that are not enabled for Profile: the newest of each primary identity and record id.';
comment on column dataset_record.bucket is 'A hash of the primary identity: there is no profile yet.';

create table dataset_activity (
  dataset_id uuid not null references dataset on delete cascade,
  hour timestamptz not null,
  ingested bigint not null default 0,
  failed bigint not null default 0,
  last_ingested_at timestamptz not null,
  primary key (dataset_id, hour)
);
comment on table dataset_activity is 'Records that arrived by hour: received = ingested + failed. Written in the transaction of the records.';

create table ingestion_key (
  dataset_id uuid not null references dataset on delete cascade,
  idempotency_key text not null,
  digest text not null,
  received_at timestamptz not null,
  primary key (dataset_id, idempotency_key)
);
create index ingestion_key_age on ingestion_key (received_at);
comment on table ingestion_key is 'Requests by Idempotency-Key: a repeated one gets the time of receipt of the first, so applying it again changes nothing.';

create table csv_mapping (
  csv_mapping_id uuid primary key,
  dataset_id uuid not null references dataset on delete cascade,
  name text not null,
  definition jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  last_used_at timestamptz,
  unique (dataset_id, name)
);
comment on table csv_mapping is 'Saved mappings of CSV columns to fields, to use again.';
comment on column csv_mapping.last_used_at is 'When a batch last took it.';

create table merge_policy (
  merge_policy_id uuid primary key,
  name text not null unique,
  identity_graph text not null check (identity_graph in ('pdg', 'none')),
  attribute_merge text not null check (attribute_merge in ('timestampOrdered', 'dataSetPrecedence')),
  dataset_order uuid[] not null default '{}',
  is_default boolean not null,
  created_at timestamptz not null
);
create unique index merge_policy_default on merge_policy (is_default) where is_default;
insert into merge_policy values
  ('00000000-0000-4000-8000-000000000001', 'Default timestamp-ordered', 'pdg', 'timestampOrdered', '{}', true, now());
comment on column merge_policy.identity_graph is 'pdg: fragments of all linked identities; none: those of one identity.';
comment on column merge_policy.dataset_order is 'Of dataSetPrecedence: datasets, the one whose values win first; others are left out.';
comment on column merge_policy.is_default is 'Profiles are stored as this policy merges them.';

create table population_job (
  population_job_id uuid primary key,
  kind text not null,
  subject_id uuid not null,
  facts jsonb not null default '{}',
  next_bucket integer not null default 0 check (next_bucket between 0 and 4096),
  profiles_done bigint not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz,
  error text
);
create index population_job_open on population_job (created_at) where finished_at is null;
comment on table population_job is 'Work on everyone, bucket by bucket: a restart goes on at next_bucket, which is committed with the work.';

-- Batches: more than CSV, and how many bad rows are borne.

alter table batch
  alter mapping drop not null,
  add format text not null default 'csv' check (format in ('csv', 'ndjson')),
  add compression text not null default 'none' check (compression in ('none', 'gzip')),
  add rows_warned bigint not null default 0,
  add source_path text,
  add source_state text,
  add error_threshold_percent double precision not null default 100
    check (error_threshold_percent between 0 and 100),
  add rows_checked bigint not null default 0,
  add bytes_checked bigint not null default 0,
  add checked_at timestamptz,
  add started_at timestamptz,
  add content_offset bigint not null default 0;
-- Their checkpoints know no offset. Records are idempotent, so the file may be sent again.
update batch set status = 'failed', finished_at = now(), error = 'Headrace was upgraded. Announce the file again.'
where status in ('loading', 'processing');
create index batch_unfinished on batch (received_at) where status in ('loading', 'processing');
create index batch_newest on batch (received_at, batch_id);
comment on column batch.mapping is 'Of CSV: columns and the fields they fill; null for JSON lines.';
comment on column batch.file_digest is 'SHA-256 of the unpacked content; the same content for the same dataset and mapping is not loaded twice.';
comment on column batch.file_bytes is 'Size of the file as it came, packed where it is.';
comment on column batch.source_path is 'File in a folder the operator allows, read where it lies; null for an upload.';
comment on column batch.source_state is 'Device, inode, size and time of change of that file when it was taken: it must not change until it is read.';
comment on column batch.error_threshold_percent is 'More refused rows than this fail the batch before any is written (partialIngestionPercentage).';
comment on column batch.rows_checked is 'Rows read by the check before loading; there is none where every refused row is borne.';
comment on column batch.content_offset is 'Checkpoint beside rows_read: where the next row begins in the unpacked content.';
comment on column batch.bytes_read is 'How much of the file, packed where it is, has been read.';

alter table batch_error
  add severity text not null default 'error' check (severity in ('error', 'warning'));
comment on table batch_error is 'Why a row was refused (error), or what of it was left out (warning). Messages name fields and kinds of value, never the value.';

-- The identity graph. A fragment holds every identity that records of its primary identity ever carried, so the
-- links of a profile, and who each came from, stand in its fragments. The identity table is their index.

alter table profile_fragment drop constraint profile_fragment_dataset_id_fkey;
alter table profile_fragment
  add origin_id uuid,
  add batch_id uuid,
  add received_at timestamptz;
update profile_fragment
set origin_id = profile_id, received_at = stamp,
  identities = (
    select coalesce(jsonb_agg(link || jsonb_build_object(
      'first', extract(epoch from stamp)::numeric * 1000, 'last', extract(epoch from stamp)::numeric * 1000)), '[]')
    from jsonb_array_elements(identities) as link);
alter table profile_fragment
  alter origin_id set not null,
  alter received_at set not null;
-- All these columns stay as they are when a fragment changes, so that changes remain heap-only.
create index profile_fragment_dataset on profile_fragment (dataset_id, bucket);
create index profile_fragment_merged on profile_fragment (origin_id) where origin_id <> profile_id;
comment on table profile_fragment is
  'What one dataset says of one primary identity: its newest record, and every identity its records linked. Of an event dataset the links only.';
comment on column profile_fragment.identities is
  '[{namespace, value, first, last, cut?}]: linked to the primary identity; first and last are stamps in milliseconds; cut is why the link does not count (unlinked, graph_full).';
comment on column profile_fragment.origin_id is 'The profile it was first part of: a split gives that id back.';
comment on column profile_fragment.batch_id is 'The batch of the record; null when it was streamed.';

create table graph_overflow (
  namespace text collate "C" not null,
  value text collate "C" not null,
  profile_id uuid not null,
  last_seen timestamptz not null,
  primary key (namespace, value, profile_id)
);
create index graph_overflow_last on graph_overflow (namespace, value, last_seen desc, profile_id);
comment on table graph_overflow is
  'Identities that a profile would hold, had its graph room for them: the index of links cut as graph_full.';

create table identity_unlink (
  namespace text not null,
  value text not null,
  other_namespace text not null,
  other_value text not null,
  principal text not null,
  unlinked_at timestamptz not null,
  primary key (namespace, value, other_namespace, other_value)
);
create index identity_unlink_other on identity_unlink (other_namespace, other_value);
comment on table identity_unlink is 'Pairs that a person has parted: records linking them do not. The lesser identity (by namespace, value) stands first.';

-- Room for the next version of a row in its page: it needs no new index entries then.
alter table profile_fragment set (fillfactor = 80);
alter table profile set (fillfactor = 80);
alter table profile add created_at timestamptz;
update profile set created_at = updated_at;
alter table profile alter created_at set not null;

create table profile_change (
  bucket smallint not null,
  profile_id uuid not null,
  version bigint not null,
  at timestamptz not null,
  kind text not null check (kind in ('changed', 'merged', 'split')),
  changes jsonb not null,
  primary key (bucket, profile_id, version, at)
) partition by range (at);
create table profile_change_default partition of profile_change default;
comment on table profile_change is 'History of merged documents, one row per change after the first version.';
comment on column profile_change.changes is '[{path, before?, after?}]: fields that differ, by JSON pointer.';

-- Events in monthly partitions, so that retention drops tables.

alter table profile_event rename to profile_event_unpartitioned;
alter table profile_event_unpartitioned rename constraint profile_event_pkey to profile_event_unpartitioned_pkey;
create table profile_event (
  bucket smallint not null,
  profile_id uuid not null,
  dataset_id uuid not null,
  event_id text not null,
  at timestamptz not null,
  namespace text not null,
  value text not null,
  batch_id uuid,
  document jsonb not null,
  primary key (bucket, profile_id, dataset_id, event_id, at)
) partition by range (at);
create table profile_event_default partition of profile_event default;
create index profile_event_dataset on profile_event (dataset_id, at);
comment on table profile_event is 'ExperienceEvents of a profile, once per event id and time.';
comment on column profile_event.namespace is 'Of the primary identity: an event goes where that identity goes.';
insert into profile_event (bucket, profile_id, dataset_id, event_id, at, namespace, value, document)
select e.bucket, e.profile_id, e.dataset_id, e.event_id, e.at, i.namespace, i.value, e.document
from profile_event_unpartitioned e
cross join lateral (
  select i.namespace, i.value from identity i
  where i.bucket = e.bucket and i.profile_id = e.profile_id order by i.namespace, i.value limit 1
) as i;
insert into profile_fragment
  (bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, received_at, identities, document)
select bucket, profile_id, dataset_id, namespace, value, profile_id, '', max(at), max(at),
  jsonb_build_array(jsonb_build_object('namespace', namespace, 'value', value,
    'first', extract(epoch from min(at))::numeric * 1000, 'last', extract(epoch from max(at))::numeric * 1000)),
  '{}'
from profile_event group by bucket, profile_id, dataset_id, namespace, value;
drop table profile_event_unpartitioned;
-- Identities that only earlier records of a fragment carried, or other records of an event's profile: who they are of
-- does not change by the upgrade, nor who is one person.
update profile_fragment f set identities = f.identities || earlier.links
from (
  select i.bucket, i.profile_id, jsonb_agg(jsonb_build_object('namespace', i.namespace, 'value', i.value,
    'first', trunc(extract(epoch from i.linked_at) * 1000), 'last', trunc(extract(epoch from i.linked_at) * 1000))) as links
  from identity i
  where not exists (
    select from profile_fragment f cross join jsonb_array_elements(f.identities) as link
    where f.bucket = i.bucket and f.profile_id = i.profile_id
      and link->>'namespace' = i.namespace and link->>'value' = i.value)
  group by i.bucket, i.profile_id
) as earlier
where f.bucket = earlier.bucket and f.profile_id = earlier.profile_id;

drop index identity_profile;
alter table identity
  drop column bucket, drop column dataset_id, drop column linked_at,
  alter namespace type text collate "C", alter value type text collate "C";
comment on table identity is 'Normalised identity → profile: which profile a record belongs to. The identities of a profile stand in its identityMap.';

-- Checked row by row it costs a third of writing memberships; deleting a segment deletes them.
alter table segment_membership drop constraint segment_membership_segment_id_fkey;

-- Exported profiles that merge and part.

alter table export_state add held_by uuid;
create index export_state_held on export_state (dataflow_id, held_by) where held_by is not null;
comment on column export_state.hold_until is
  'Nothing is sent before: a request for a profile that was merged with this one, or parted from it, may still be running.';
comment on column export_state.held_by is 'The batch of that request: answered, it holds back no longer.';

-- Deleting people.

create table profile_deletion (
  profile_deletion_id uuid primary key,
  profile_id uuid not null,
  former_profile_ids uuid[] not null,
  at_destinations text not null check (at_destinations in ('keep', 'delete')),
  principal text not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  facts jsonb not null default '{}'
);
create index profile_deletion_open on profile_deletion (requested_at) where finished_at is null;
create index profile_deletion_newest on profile_deletion (requested_at, profile_deletion_id);
create index profile_deletion_profile on profile_deletion (profile_id);
comment on table profile_deletion is 'Requests to delete everything about a person. Ids and counts only.';
comment on column profile_deletion.former_profile_ids is 'Profiles that had been merged into it: their rows of the ledger are the person''s, too.';
comment on column profile_deletion.facts is '{fragments, events, records?: [{account_id, object, record_id, outcome, code?}]}.';
comment on column profile_deletion.at_destinations is 'keep: records stay as they are; delete: they are deleted there, too.';
