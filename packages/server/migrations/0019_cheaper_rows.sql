-- By its key a row is only looked for while it waits for the key, or while something is being sent under it.
drop index export_state_key;
create index export_state_waiting_for_key on export_state (dataflow_id, match_key) where status = 'excluded' and code = 'match_key_held';
create index export_state_sending_key on export_state (dataflow_id, match_key) where in_flight is not null;

-- Looking each row's parent up and locking it costs as much as writing the row. Whoever writes these rows, or deletes
-- a parent with all of them, holds the lock on profile writes and has seen the parent under it.
alter table export_state drop constraint export_state_dataflow_id_fkey;
alter table match_claim drop constraint match_claim_account_id_fkey;
