-- What the records of deleted people were given is forgotten, of those that were left behind too.

create index export_state_left_source on export_state (source_profile_id) where left_behind;
update export_state set sent = null where code = 'person_deleted' and sent is not null;
update export_state set sent = null, sent_hash = null
  where left_behind and source_profile_id in (select profile_id from profile_deletion where finished_at is not null);
