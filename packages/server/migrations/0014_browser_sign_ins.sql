-- Sign-ins that a person goes on with in a browser, at the destination.

create table browser_sign_in (
  state_hash bytea primary key,
  sealed bytea not null,
  expires_at timestamptz not null
);
comment on table browser_sign_in is 'Begun, and not come back yet: each is taken once, within minutes.';
comment on column browser_sign_in.state_hash is 'SHA-256 of the state that comes back with the browser; the state itself is known to nobody here.';
comment on column browser_sign_in.sealed is 'AES-256-GCM over what was filled in, for whom, and the secret that proves who began.';
comment on column account.sealed_secrets is 'AES-256-GCM over the JSON of the secret fields and of what the destination gave, such as a refresh token; never leaves the server.';
