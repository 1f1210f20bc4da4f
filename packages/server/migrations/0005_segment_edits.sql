-- Editing the rule of a published segment.

alter table segment
  add column edited_expression text,
  add column succeeds uuid,
  add column edit_job_id uuid,
  drop constraint segment_state_check,
  add constraint segment_state_check
    check (state in ('draft', 'published', 'inactive', 'successor', 'deleting')),
  add constraint segment_successor_check check ((state = 'successor') <= (succeeds is not null and edit_job_id is not null));
comment on column segment.state is
  'Only published ones and successors are evaluated; deleting: gone but for its memberships, which are removed bit by bit.';
comment on column segment.edited_expression is
  'Of a published segment: the rule it is to have when everyone has been evaluated by it. Of a successor: what its own rule was made from.';
comment on column segment.succeeds is
  'Of a successor: the segment whose members its members will be, all at once, when edit_job_id is done. Nobody sees it before.';
drop index segment_name;
create unique index segment_name on segment (name) where state not in ('successor', 'deleting');
