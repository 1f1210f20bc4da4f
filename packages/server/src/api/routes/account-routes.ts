import {
  type AccountWire,
  accountCredentialsWire,
  accountListWire,
  accountWire,
  apiCallsWire,
  type ConnectionReport,
  type ConnectionReportWire,
  newAccountWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { createAccount, getAccount, replaceCredentials, testAccount } from '../../catalog/accounts.ts';
import { allowanceOf, countedFrom } from '../../delivery/call-limit.ts';
import { type AccountRow, readAccounts } from '../../store/accounts.ts';
import { countApiCalls } from '../../store/api-calls.ts';
import { readCallBudget } from '../../store/call-budgets.ts';
import { defineRoute } from '../route.ts';

const tag = 'Accounts';
const params = wireObject({ account_id: wireId('Of the account.') });

export const accountRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/accounts',
    operationId: 'createAccount',
    summary: 'Connect to a destination; the account is kept when signing in works',
    tag,
    body: newAccountWire,
    status: 201,
    response: accountWire,
    access: ['Manage Destinations'],
    audit: { action: 'account.create', subjectType: 'account' },
    handle: async ({ accounts }, { body, signal }) => {
      const { destination_type: destinationType, name, authentication, values } = body;
      const account = await createAccount(
        accounts,
        { destinationType, name, authentication, values },
        signal,
      );
      return {
        body: toWire(account),
        subjectId: account.accountId,
        facts: { name: account.name, destination_type: destinationType },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/accounts',
    operationId: 'listAccounts',
    summary: 'Accounts by name',
    tag,
    response: accountListWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }) => ({ body: { items: (await readAccounts(pool)).map(toWire) } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/accounts/:account_id',
    operationId: 'getAccount',
    summary: 'An account and what its last connection reported',
    tag,
    params,
    response: accountWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }, request) => ({
      body: toWire(await getAccount(pool, request.params.account_id)),
    }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/v1/accounts/:account_id/credentials',
    operationId: 'replaceCredentials',
    summary: 'Replace all values of an account, when signing in with them works',
    tag,
    params,
    body: accountCredentialsWire,
    response: accountWire,
    access: ['Manage Destinations'],
    audit: { action: 'account.replace_credentials', subjectType: 'account' },
    handle: async ({ accounts, people }, { params: { account_id }, body, signal }) => {
      const account = await replaceCredentials(accounts, account_id, body, signal);
      people.resumeDelivery();
      return { body: toWire(account), subjectId: account_id };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/accounts/:account_id/test',
    operationId: 'testAccount',
    summary: 'Sign in afresh; stopped dataflows go on when it works',
    tag,
    params,
    response: accountWire,
    access: ['Manage Destinations'],
    audit: { action: 'account.test', subjectType: 'account' },
    handle: async ({ accounts, people }, { params: { account_id }, signal }) => {
      const account = await testAccount(accounts, account_id, signal);
      people.resumeDelivery();
      return { body: toWire(account), subjectId: account_id };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/accounts/:account_id/api-calls',
    operationId: 'getApiCalls',
    summary: 'Calls to the destination in the last 24 hours',
    tag,
    params,
    response: apiCallsWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool, now, apiCallAllowance }, request) => {
      const { accountId } = await getAccount(pool, request.params.account_id);
      const since = countedFrom(now());
      const byPurpose = await countApiCalls(pool, accountId, since);
      const budget = await readCallBudget(pool, accountId);
      return {
        body: {
          since: since.toISOString(),
          total: byPurpose.reduce((sum, { calls }) => sum + calls, 0),
          allowance: budget === undefined ? apiCallAllowance : allowanceOf(budget),
          by_purpose: byPurpose,
        },
      };
    },
  }),
];

const toWire = (account: AccountRow): AccountWire => ({
  account_id: account.accountId,
  destination_type: account.destinationType,
  name: account.name,
  authentication: account.authentication,
  settings: { ...account.settings },
  status: 'connected',
  report: account.report === null ? null : toReportWire(account.report),
  connected_at: account.connectedAt?.toISOString() ?? null,
  created_at: account.createdAt.toISOString(),
});

const toReportWire = (report: ConnectionReport): ConnectionReportWire => ({
  organization_id: report.organizationId,
  organization_name: report.organizationName,
  instance_url: report.instanceUrl,
  api_version: report.apiVersion,
  username: report.username,
  calls_used: report.callsUsed,
  calls_allowed: report.callsAllowed,
  warnings: [...report.warnings],
  findings: (report.findings ?? []).map((finding) => ({ ...finding })),
});
