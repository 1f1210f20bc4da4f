-- Whether segments changed, told by one row, so that ingestion does not read them all each time.

create table segment_revision (
  is_only boolean primary key default true check (is_only),
  revision uuid not null
);
comment on table segment_revision is
  'Another value after every statement that writes segments; one that was rolled back never comes again.';
insert into segment_revision (revision) values (gen_random_uuid());

create function raise_segment_revision() returns trigger language plpgsql as $$
begin
  update segment_revision set revision = gen_random_uuid();
  return null;
end $$;
create trigger segment_revision after insert or update or delete or truncate on segment
  for each statement execute function raise_segment_revision();
