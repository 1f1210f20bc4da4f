-- Profiles that change while a day that has begun is still to be evaluated for everyone.

create table calendar_caught_up (
  bucket smallint not null,
  profile_id uuid not null,
  midnight timestamptz not null,
  primary key (bucket, profile_id)
);
comment on table calendar_caught_up is
  'Profiles that were evaluated as of a midnight (UTC) before the pass over everyone came to them; emptied when it ends.';
