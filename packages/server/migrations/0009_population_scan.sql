-- Everyone read beside the lock on profile writes, and who changed meanwhile.

create table population_scan (
  is_only boolean primary key default true check (is_only),
  scan_id uuid not null,
  population_job_id uuid not null references population_job on delete cascade
);
comment on table population_scan is
  'What a population job read of everyone without holding anyone up holds but for population_scan_change.';

create table population_scan_change (
  bucket smallint not null,
  profile_id uuid not null,
  primary key (bucket, profile_id)
);
comment on table population_scan_change is 'Profiles that changed since population_scan began, those that went among them.';
