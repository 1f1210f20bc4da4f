-- Segments in time: when profiles are to be evaluated again, and the history of memberships.

create table evaluation_due (
  bucket smallint not null,
  profile_id uuid not null,
  evaluate_at timestamptz not null,
  primary key (bucket, profile_id)
);
create index evaluation_due_at on evaluation_due (evaluate_at);
comment on table evaluation_due is
  'Profiles that a rule speaks of now and, without any change to them, differently at an instant to come.';
comment on column evaluation_due.evaluate_at is 'No membership changes by time before it, calendar days aside.';

create table calendar_evaluation (
  is_only boolean primary key default true check (is_only),
  midnight timestamptz not null
);
comment on table calendar_evaluation is
  'The midnight (UTC) as of which rules that speak of days, months or years were last evaluated over everyone.';

create table segment_membership_change (
  bucket smallint not null,
  profile_id uuid not null,
  segment_id uuid not null,
  status text not null check (status in ('realized', 'existing', 'exited')),
  since timestamptz not null,
  at timestamptz not null,
  primary key (bucket, profile_id, segment_id, at, since)
) partition by range (at);
create table segment_membership_change_default partition of segment_membership_change default;
comment on table segment_membership_change is
  'Past states of memberships: what each was, since when, until when. The present one stands in segment_membership.';

create table segment_count (
  segment_id uuid not null,
  hour timestamptz not null,
  entered bigint not null default 0,
  "left" bigint not null default 0,
  primary key (segment_id, hour)
);
comment on table segment_count is
  'Profiles that entered and left a segment, by the hour in which that was written. Members are the sum of both.';
insert into segment_count (segment_id, hour, entered)
select segment_id, date_trunc('hour', now() at time zone 'UTC') at time zone 'UTC', count(*)
from segment_membership where status <> 'exited' group by segment_id;
