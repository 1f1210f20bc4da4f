-- Records that a merge or split left behind with nobody say at their destination that their person has left.

alter table export_state add left_behind boolean not null default false;
comment on column export_state.left_behind is
  'The row is of a record that was left behind, not of a profile: its profile_id is made of the record''s id, and source_profile_id is the profile it was last written for.';
create index export_state_left on export_state (dataflow_id, record_id) where left_behind;
