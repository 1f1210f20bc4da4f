alter table export_state add sent jsonb;
comment on column export_state.sent is 'What the record was given: field, or @ and list → short hash. It tells what changed as long as sent_hash is set; what the destination was ever told of holds without it.';

-- Records that several profiles belong to are rows of their own.
alter table export_state add source_profile_id uuid;
alter table export_state add parent_id uuid;
create index export_state_waiting on export_state (dataflow_id, parent_id) where code in ('parent_pending', 'parent_failed');
comment on column export_state.source_profile_id is 'Set for a record that profiles belong to, whose profile_id is made of its key: the profile that says what it holds.';
comment on column export_state.parent_id is 'The row of the record it belongs to.';

alter table dataflow add tells_memberships boolean not null default false;
comment on column dataflow.tells_memberships is 'The destination is told of each segment that a profile enters or leaves.';

alter table activation
  add mapping_id text,
  add on_exit text not null default 'write_status' check (on_exit in ('write_status', 'remove', 'nothing')),
  add starts_at timestamptz,
  add ends_at timestamptz check (ends_at > starts_at),
  add list_id text,
  add list_claimed_until timestamptz,
  add ended_at timestamptz;
comment on column activation.mapping_id is 'What the segment is called at the destination, where a person chose it.';
comment on column activation.list_id is 'The list of its members at the destination, once there is one.';
comment on column activation.list_claimed_until is 'One server looks for the list, or makes it, until then: two would make two.';
comment on column activation.starts_at is 'Members are kept at the destination from then on; at once where there is none.';
comment on column activation.ends_at is 'From then on everyone counts as having left it.';
comment on column activation.ended_at is 'When everyone had been marked.';
