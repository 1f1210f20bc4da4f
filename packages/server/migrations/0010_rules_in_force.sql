-- Since when a segment's rule is its rule.

alter table segment add column in_force_since timestamptz;
update segment set in_force_since = created_at;
comment on column segment.in_force_since is
  'When its present rule came into force, by publishing or an edit. Of earlier instants it says nothing, however late those are evaluated. Null: of every instant.';
