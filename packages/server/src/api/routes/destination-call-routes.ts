import {
  type DestinationCallWire,
  destinationCallPageWire,
  destinationCallsQuery,
  wireId,
  wireObject,
} from '@headrace/core';
import { getAccount } from '../../catalog/accounts.ts';
import { readCalls, type StoredCall } from '../../store/destination-calls.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';
import { readTimePlace, writeTimePlace } from '../time-place.ts';

export const destinationCallRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/accounts/:account_id/calls',
    operationId: 'listDestinationCalls',
    summary: 'The log of calls to a destination, newest first',
    tag: 'Monitoring',
    params: wireObject({ account_id: wireId('Of the account.') }),
    query: destinationCallsQuery,
    response: destinationCallPageWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }, { params: { account_id }, query }) => {
      const { accountId } = await getAccount(pool, account_id);
      const place = readTimePlace(query.after);
      const after = place && { startedAt: place.at, callId: place.id };
      const filter = {
        accountId,
        dataflowId: query.dataflow_id,
        batchId: query.batch_id,
        purpose: query.purpose,
        code: query.code,
        isFailed: query.outcome && query.outcome === 'failed',
        since: toDate(query.since),
        until: toDate(query.until),
      };
      const { items, nextAfter } = await readPage(
        query.limit,
        (limit) => readCalls(pool, filter, { after, limit }),
        ({ startedAt, callId }) => writeTimePlace({ at: startedAt, id: callId }),
      );
      return { body: { items: items.map(toWire), next_after: nextAfter } };
    },
  }),
];

const toDate = (instant: string | undefined): Date | undefined =>
  instant === undefined ? undefined : new Date(instant);

const toWire = (call: StoredCall): DestinationCallWire => ({
  started_at: call.startedAt.toISOString(),
  purpose: call.purpose,
  method: call.method,
  path: call.path,
  status: call.status,
  was_sent: call.wasSent,
  code: call.code,
  duration_ms: Math.round(call.durationMs * 10) / 10,
  request_bytes: call.requestBytes,
  response_bytes: call.responseBytes,
  records: call.records,
  usage: call.usage === null ? null : { ...call.usage },
  dataflow_id: call.dataflowId,
  batch_id: call.batchId,
});
