-- By its key a row is only looked for while it waits for the key, or while something is being sent under it.
drop index export_state_key;
create index export_state_waiting_for_key on export_state (dataflow_id, match_key) where status = 'excluded' and code = 'match_key_held';
create index export_state_sending_key on export_state (dataflow_id, match_key) where in_flight is not null;
