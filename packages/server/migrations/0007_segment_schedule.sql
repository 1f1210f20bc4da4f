-- Segments evaluated over everyone by schedule, and what an evaluation changed.

create table segment_schedule (
  is_only boolean primary key default true check (is_only),
  cron text not null,
  state text not null check (state in ('active', 'inactive')),
  looked_at timestamptz not null
);
comment on table segment_schedule is 'When every published segment is evaluated over everyone: one schedule for all.';
comment on column segment_schedule.looked_at is 'What was due until then has begun, or is not made up.';

alter table segment add column evaluation_began_at timestamptz;
comment on column segment.evaluation_began_at is
  'When the last evaluation over everyone that ended began. Who has been in since before is existing, who entered later realized.';
update segment set evaluation_began_at = evaluated_at;

alter table population_job
  add column entered bigint not null default 0,
  add column "left" bigint not null default 0;
comment on column population_job.entered is 'Of an evaluation: profiles that entered the segment by it.';
comment on column population_job.error is
  'Of a finished job: why it did not do its work. Of another: why its last step failed; it is tried again.';
