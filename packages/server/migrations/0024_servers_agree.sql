alter table account
  add credentials_revision bigint not null default 0,
  add probes integer not null default 0,
  add probe_at timestamptz;
comment on column account.credentials_revision is 'Raised when its credentials are replaced: a connection opened under an older one is closed, by every server.';
comment on column account.probes is 'How often in a row its sign-in was found refused; what is waited until it is tried again grows with it.';
comment on column account.probe_at is 'Its refused sign-in is not tried again before then, by any server.';

alter table dataflow
  add probes integer not null default 0,
  add probe_at timestamptz;
comment on column dataflow.probes is 'How often in a row it was found stopped by something else than the sign-in; what is waited until it is tried again grows with it.';
comment on column dataflow.probe_at is 'Whether what stopped it is mended is not asked again before then, by any server.';

alter table call_budget add asked_at timestamptz;
comment on column call_budget.asked_at is 'When a call was last let through only to hear how much others leave.';
