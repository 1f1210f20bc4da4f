import {
  callBudgetPatchWire,
  callBudgetWire,
  forecastWire,
  type Wire,
  wireId,
  wireObject,
} from '@headrace/core';
import { getAccount } from '../../catalog/accounts.ts';
import { getDataflow } from '../../catalog/dataflows.ts';
import { getDestination } from '../../catalog/destinations.ts';
import { forecastDataflow, viewCallBudget } from '../../delivery/budget-view.ts';
import { updateCallBudget } from '../../store/call-budgets.ts';
import type { ApiServices } from '../api-services.ts';
import { defineRoute } from '../route.ts';

const params = wireObject({ account_id: wireId('Of the account.') });

export const callBudgetRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/accounts/:account_id/budget',
    operationId: 'getCallBudget',
    summary: 'Calls that the organization of an account allows, has used and has left',
    tag: 'Accounts',
    params,
    response: callBudgetWire,
    access: ['View Destinations'],
    audit: null,
    handle: async (services, request) => ({ body: await view(services, request.params.account_id) }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/accounts/:account_id/budget',
    operationId: 'changeCallBudget',
    summary: 'Choose the allowance, and what is left to others, for all accounts of the organization',
    tag: 'Accounts',
    params,
    body: callBudgetPatchWire,
    response: callBudgetWire,
    access: ['Manage Destinations'],
    audit: { action: 'account.change_budget', subjectType: 'account' },
    handle: async (services, { params: { account_id }, body }) => {
      // Made where there is none yet.
      await view(services, account_id);
      const { allowance, kept_for_others: keptForOthers } = body;
      await updateCallBudget(services.pool, account_id, { allowance, keptForOthers });
      services.people.resumeDelivery();
      return {
        body: await view(services, account_id),
        subjectId: account_id,
        facts: {
          ...(allowance !== undefined && { allowance: allowance ?? 'default' }),
          ...(keptForOthers !== undefined && { kept_for_others: keptForOthers ?? 'default' }),
        },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflows/:dataflow_id/forecast',
    operationId: 'forecastDataflow',
    summary: 'What is still to be delivered, the calls it needs, and about when it will be done',
    tag: 'Dataflows',
    params: wireObject({ dataflow_id: wireId('Of the dataflow.') }),
    response: forecastWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool, destinations, apiCallAllowance, now }, request) => {
      const dataflow = await getDataflow(pool, request.params.dataflow_id);
      const { destinationType } = await getAccount(pool, dataflow.accountId);
      const found = await forecastDataflow(pool, dataflow, {
        recordsPerCall: getDestination(destinations, destinationType).maxBatchRecords,
        defaultAllowance: apiCallAllowance,
        now: now(),
      });
      return {
        body: {
          records: found.records,
          records_per_call: found.recordsPerCall,
          calls: found.calls,
          allowance: found.allowance,
          room: found.room,
          done_at: found.doneAt?.toISOString() ?? null,
          message: found.message,
        },
      };
    },
  }),
];

async function view(
  { pool, apiCallAllowance, now }: ApiServices,
  accountId: string,
): Promise<Wire<typeof callBudgetWire>> {
  const budget = await viewCallBudget(pool, accountId, apiCallAllowance, now());
  return {
    allowance: budget.allowance,
    allowance_chosen: budget.isAllowanceChosen,
    kept_for_others: budget.keptForOthers,
    kept_for_others_chosen: budget.isKeptChosen,
    destination_allowed: budget.destinationAllowed,
    others_used: budget.othersUsed,
    observed_at: budget.observedAt?.toISOString() ?? null,
    used: budget.used,
    by_purpose: budget.byPurpose,
    room: budget.room,
    next_free_at: budget.nextFreeAt?.toISOString() ?? null,
    accounts: budget.accounts,
  };
}
