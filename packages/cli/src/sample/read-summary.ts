import {
  activationListWire,
  apiCallsWire,
  dataflowDetailWire,
  dataflowRunListWire,
  reasonListWire,
  type SegmentWire,
  verificationWire,
  type Wire,
} from '@headrace/core';
import type { ApiClient } from '../api-client.ts';
import { membersOf, readSegment } from './set-up-segments.ts';
import type { Summary } from './summary.ts';

const nothingFound = { found: 0, equal: 0 };

/** Reads Salesforce back and collects what the server says of segments and deliveries. */
export const readSummary = async (
  api: ApiClient,
  dataflowId: string,
  segments: readonly SegmentWire[],
): Promise<Summary> => {
  const at = `/dataflows/${dataflowId}`;
  const readBack = await api.send({ method: 'POST', path: `${at}/verifications`, answer: verificationWire });
  const { counts } = await api.send({ method: 'GET', path: at, answer: dataflowDetailWire });
  const reasons = await api.send({ method: 'GET', path: `${at}/reasons`, answer: reasonListWire });
  const activations = await api.send({
    method: 'GET',
    path: `${at}/activations`,
    answer: activationListWire,
  });
  const readBackOf = new Map(readBack.segments.map((segment) => [segment.segment_id, segment]));
  return {
    segments: await Promise.all(
      segments.map(async ({ segment_id, name }) => {
        const profiles = membersOf((await readSegment(api, segment_id)).counts);
        const activation = activations.items.find((item) => item.segment_id === segment_id);
        if (activation === undefined) return { name, profiles };
        const delivery = { ...activation, members: activation.profiles };
        return {
          name,
          profiles,
          delivery: { ...delivery, readBack: readBackOf.get(segment_id) ?? nothingFound },
        };
      }),
    ),
    dataflow: { ...counts, readBack, reasons: reasons.items },
  };
};

/** Calls to Salesforce in the last 24 hours. */
export const readApiCalls = (api: ApiClient, accountId: string): Promise<Wire<typeof apiCallsWire>> =>
  api.send({ method: 'GET', path: `/accounts/${accountId}/api-calls`, answer: apiCallsWire });

/** Changes that ever became due in a dataflow, as far back as its runs reach. */
export const countDueChanges = async (api: ApiClient, dataflowId: string): Promise<number> => {
  const runs = await api.send({
    method: 'GET',
    path: `/dataflows/${dataflowId}/runs`,
    answer: dataflowRunListWire,
  });
  return runs.items.reduce((sum, { received }) => sum + received, 0);
};

/** Whether anything is on its way to the destination. */
export const hasPending = async (api: ApiClient, dataflowId: string): Promise<boolean> =>
  (await api.send({ method: 'GET', path: `/dataflows/${dataflowId}`, answer: dataflowDetailWire })).counts
    .pending > 0;
