alter table bulk_job add column revision bigint;
comment on column bulk_job.revision is 'Of the dataflow when it was begun: under another one it is not started.';
