import { setTimeout as delay } from 'node:timers/promises';
import { type SegmentWire, segmentDetailWire, segmentListWire, segmentWire } from '@headrace/core';
import type { ApiClient } from '../api-client.ts';
import { formatQuantity } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { findOrCreate } from './find-or-create.ts';
import type { Workspace } from './workspace.ts';

const pollMs = 50;

/** Makes the segments that are not there yet and waits until everyone has been evaluated for each. */
export const setUpSegments = async (
  api: ApiClient,
  workspace: Workspace,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly SegmentWire[]> => {
  const segments: SegmentWire[] = [];
  for (const declared of workspace.segments) {
    const { value } = await findOrCreate(
      async () =>
        (await api.send({ method: 'GET', path: '/segments', answer: segmentListWire })).items.find(
          ({ name }) => name === declared.name,
        ),
      () => api.send({ method: 'POST', path: '/segments', body: declared, answer: segmentWire }),
    );
    if (value.expression !== declared.expression)
      terminal.line(
        `  The segment ${JSON.stringify(value.name)} is there with another rule; it is left as it is.`,
      );
    segments.push(value);
  }
  for (const { segment_id } of segments) {
    let detail = await readSegment(api, segment_id);
    while (detail.evaluated_at === null) {
      await delay(pollMs, undefined, { signal });
      detail = await readSegment(api, segment_id);
    }
    terminal.line(`  ${detail.name}: ${formatQuantity(membersOf(detail.counts), 'profile')}`);
    terminal.line(terminal.style('faint', `    ${detail.meaning}`));
  }
  return segments;
};

/** A segment as it is now, with its counts. */
export const readSegment = (api: ApiClient, segmentId: string) =>
  api.send({ method: 'GET', path: `/segments/${segmentId}`, answer: segmentDetailWire });

/** Profiles in a segment. */
export const membersOf = (counts: { readonly realized: number; readonly existing: number }): number =>
  counts.realized + counts.existing;
