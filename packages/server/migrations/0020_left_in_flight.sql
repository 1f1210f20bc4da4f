-- Every claim asks which records are being left: as good as always none is.

create index export_state_leaving on export_state (dataflow_id) where left_behind and in_flight is not null;
