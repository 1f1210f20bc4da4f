import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServer } from '../ingest/bench-server.ts';
import { signIn } from './bare-loop.ts';
import type { BenchDataflows } from './bench-dataflows.ts';
import type { BenchOrg } from './bench-org.ts';
import { contactOf, recordOf } from './people.ts';

export const changesPerS = 200;
const changeSeconds = 20;
/** Of those that are streamed; others have those of their round. */
const streamedPoints = 99;

/** New people, one a request, and how long after its answer each is in the org. */
export async function stream(
  { call }: BenchServer,
  org: BenchOrg,
  { datasetId, pairOf }: BenchDataflows,
  first: number,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const { segment_id, dataflow_id } = await pairOf('Streamed', streamedPoints);
  await call('POST', `/dataflows/${String(dataflow_id)}/activations`, { segment_id });
  const warm = 2 * changesPerS;
  const acceptedAt = new Map<string, number>();
  const sent: Promise<void>[] = [];
  const startedMs = performance.now();
  for (let index = 0; index < warm + changeSeconds * changesPerS; index++) {
    const dueMs = startedMs + (index * 1_000) / changesPerS;
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    const person = first + 1_000_000 + index;
    sent.push(
      call('POST', `/datasets/${datasetId}/records`, {
        records: [recordOf(person, streamedPoints)],
      }).then(() => {
        if (index >= warm) acceptedAt.set(contactOf(person).Email, Date.now());
      }),
    );
  }
  await Promise.all(sent);
  await sleep(3_000);
  const delays: number[] = [];
  for (let before = ''; acceptedAt.size > 0; ) {
    const query = `object=Contact&kind=created&limit=1000${before}`;
    const page = await org.ask('GET', `/emulator/changes?${query}`);
    const changes = page.changes as { readonly at: string; readonly id: string }[];
    const emails = await readEmails(
      org,
      changes.map(({ id }) => id),
    );
    for (const [index, { at }] of changes.entries()) {
      const email = emails[index] ?? '';
      const accepted = acceptedAt.get(email);
      if (accepted === undefined) continue;
      delays.push(Math.max(0, Date.parse(at) - accepted));
      acceptedAt.delete(email);
    }
    if (page.next_before === null) break;
    before = `&before=${String(page.next_before)}`;
  }
  if (acceptedAt.size > 0) throw new Error(`${acceptedAt.size} changes are not in the org.`);
  delays.sort((a, b) => a - b);
  const at = (share: number): number =>
    delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

async function readEmails(org: BenchOrg, ids: readonly string[]): Promise<readonly (string | undefined)[]> {
  const answer = await fetch(`${org.url}/services/data/v67.0/composite/sobjects/Contact`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await signIn(org)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ids, fields: ['Email'] }),
  });
  return ((await answer.json()) as { readonly Email?: string }[]).map(({ Email }) => Email);
}
