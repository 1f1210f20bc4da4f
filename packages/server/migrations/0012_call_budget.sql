-- Salesforce counts the calls of an org, whichever account makes them: so does the ledger.
alter table account add budget_key text not null
  generated always as (destination_type || ':' || coalesce(organization_id, account_id::text)) stored;
comment on column account.budget_key is 'Whose allowance its calls count against: accounts of one org share one; an account whose org is not known yet has its own.';

create table call_budget (
  budget_key text primary key,
  default_allowance bigint not null,
  allowance bigint check (allowance >= 0),
  kept_for_others bigint check (kept_for_others >= 0),
  calls bigint not null default 0,
  counted_from timestamptz not null default 'epoch',
  calls_ever bigint not null default 0,
  destination_allowed bigint,
  others_used bigint,
  observed_at timestamptz,
  revision bigint not null default 0
);
comment on table call_budget is 'What may be called in any 24 hours, and what was, for each org.';
comment on column call_budget.default_allowance is 'Of the environment of the server that last opened it; holds where a person chose no allowance.';
comment on column call_budget.kept_for_others is 'Calls of the org''s own limit that are never touched; null for the usual share.';
comment on column call_budget.calls is 'Sum of the bins from counted_from on, so that a reservation need not add them up.';
comment on column call_budget.calls_ever is 'Every call ever reserved; only grows.';
comment on column call_budget.destination_allowed is 'The org''s own limit, as it last said.';
comment on column call_budget.others_used is 'What the org last said was used, without ours.';
comment on column call_budget.revision is 'Raised by whatever a reservation has to look at again before it is made.';

insert into call_budget (budget_key, default_allowance) select distinct budget_key, 40000 from account;

alter table api_call_bin rename to api_call_bin_of_account;
create table api_call_bin (
  budget_key text not null references call_budget,
  bin_started_at timestamptz not null,
  purpose text not null,
  calls bigint not null,
  primary key (budget_key, bin_started_at, purpose)
);
comment on table api_call_bin is 'Ledger of our own calls in five-minute bins, written before each call is made.';
insert into api_call_bin
select budget_key, bin_started_at, purpose, sum(calls)
from api_call_bin_of_account join account using (account_id) group by 1, 2, 3;
drop table api_call_bin_of_account;
