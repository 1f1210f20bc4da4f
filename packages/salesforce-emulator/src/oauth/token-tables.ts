/**
 * What the org keeps of sign-ins: tokens by their hash, scopes as one text, instants in epoch milliseconds.
 * `_session` of the first versions knew no scopes; its sessions end.
 */
export const tokenTables = `
  drop table if exists _session;
  create table if not exists _access_token (
    token_hash text primary key, user_id text not null, client_id text not null, scopes text not null,
    refresh_hash text, timeout_ms integer not null, issued_at integer not null, used_at integer not null
  );
  create table if not exists _refresh_token (
    token_hash text primary key, user_id text not null, client_id text not null, scopes text not null,
    issued_at integer not null, used_at integer not null
  );
  create table if not exists _app_approval (
    client_id text not null, user_id text not null, primary key (client_id, user_id)
  );
  create table if not exists _signing_key (position integer primary key, private_pem text not null);
`;
