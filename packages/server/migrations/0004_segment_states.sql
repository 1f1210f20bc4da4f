-- Segments from draft to deleted, and work on everyone for one of them.

alter table segment add column state text not null default 'published'
  check (state in ('draft', 'published', 'inactive', 'deleting'));
comment on column segment.state is
  'Only published ones are evaluated; deleting: gone but for its memberships, which are removed bit by bit.';
alter table segment drop constraint segment_name_key;
create unique index segment_name on segment (name) where state <> 'deleting';

create index population_job_subject on population_job (subject_id, created_at);

insert into population_job (population_job_id, kind, subject_id, created_at)
select gen_random_uuid(), 'evaluate_segment', segment_id, now() from segment where evaluated_at is null;
