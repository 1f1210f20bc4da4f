-- The order in which deliveries were decided.

create table delivery_version (
  singleton boolean primary key default true check (singleton),
  version bigint not null
);
insert into delivery_version (version) values (0);
comment on table delivery_version is
  'One row: the version of the batches claimed last. Destinations keep it with their records, so that a request that lands late changes nothing.';
comment on column delivery_version.version is
  'Microseconds since 1970, and more where the clock stands or was put back: so it rises after the database was restored to an earlier state, too.';
