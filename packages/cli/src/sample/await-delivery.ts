import { setTimeout as delay } from 'node:timers/promises';
import {
  activationListWire,
  dataflowDetailWire,
  HeadraceError,
  reasonListWire,
  type Wire,
} from '@headrace/core';
import type { ApiClient } from '../api-client.ts';
import { formatCount } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Counts = Wire<typeof dataflowDetailWire>['counts'];

const pollMs = 100;
/** Longer than the pauses between the first tries of a call that fails. */
const stillLimitMs = 60_000;

/**
 * Waits until every member of the activated segments has come to an outcome, showing how far that is; also
 * returns when nothing has moved for a minute, having said why.
 *
 * @throws HeadraceError with the code that stopped the dataflow
 */
export const awaitDelivery = async (
  api: ApiClient,
  dataflowId: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> => {
  await untilBackfilled(api, dataflowId, signal);
  const read = () =>
    api.send({ method: 'GET', path: `/dataflows/${dataflowId}`, answer: dataflowDetailWire });
  let dataflow = await read();
  if (dataflow.counts.pending === 0) return;
  const progress = terminal.startTask({ label: 'Delivering to Salesforce', total: dataflow.counts.members });
  let lastCounts = dataflow.counts;
  let movedAt = performance.now();
  try {
    while (dataflow.counts.pending > 0) {
      if (dataflow.stopped_by !== null)
        throw new HeadraceError('conflict', `The dataflow has stopped. ${dataflow.stopped_by.message}`);
      if (JSON.stringify(lastCounts) !== JSON.stringify(dataflow.counts)) movedAt = performance.now();
      lastCounts = dataflow.counts;
      if (performance.now() - movedAt > stillLimitMs) {
        await sayWhatWaits(api, dataflowId, terminal);
        return;
      }
      progress.update(lastCounts.members - lastCounts.pending, describeCounts(lastCounts));
      await delay(pollMs, undefined, { signal });
      dataflow = await read();
    }
  } finally {
    progress.finish(`  ${describeCounts(dataflow.counts)}`);
  }
};

/** `3,000 members: 2,700 activated, 200 excluded, 50 failed, 50 pending`. */
export const describeCounts = ({ members, activated, excluded, failed, pending }: Counts): string =>
  `${formatCount(members)} members: ${formatCount(activated)} activated, ${formatCount(excluded)} excluded, ` +
  `${formatCount(failed)} failed, ${formatCount(pending)} pending`;

const untilBackfilled = async (api: ApiClient, dataflowId: string, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const { items } = await api.send({
      method: 'GET',
      path: `/dataflows/${dataflowId}/activations`,
      answer: activationListWire,
    });
    if (items.every(({ backfilled_at }) => backfilled_at !== null)) return;
    await delay(pollMs, undefined, { signal });
  }
};

const sayWhatWaits = async (api: ApiClient, dataflowId: string, terminal: Terminal): Promise<void> => {
  terminal.line('  Delivery has not moved for a minute; it goes on by itself. What it waits for:');
  const { items } = await api.send({
    method: 'GET',
    path: `/dataflows/${dataflowId}/reasons`,
    answer: reasonListWire,
  });
  for (const { status, code, count, meaning } of items)
    if (status === 'pending') terminal.line(`    ${formatCount(count)} × ${code}: ${meaning}`);
};
