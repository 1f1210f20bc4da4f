import { accountDeletedWire, wireId, wireObject } from '@headrace/core';
import { deleteAccount } from '../../catalog/delete-account.ts';
import { defineRoute } from '../route.ts';

export const accountDeletionRoutes = [
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/accounts/:account_id',
    operationId: 'deleteAccount',
    summary: 'Delete an account that no dataflow uses, with its secrets and its log of calls',
    tag: 'Accounts',
    params: wireObject({ account_id: wireId('Of the account.') }),
    response: accountDeletedWire,
    access: ['Manage Destinations'],
    audit: { action: 'account.delete', subjectType: 'account' },
    handle: async ({ pool, connections }, { params: { account_id } }) => {
      const { name } = await deleteAccount(pool, connections, account_id);
      return { body: { account_id }, subjectId: account_id, facts: { name } };
    },
  }),
];
