import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@jsforce/jsforce-node';
import { bareLoop, signIn } from './delivery/bare-loop.ts';
import { type BenchOrg, startBenchOrg } from './delivery/bench-org.ts';
import { contactOf, makePeople, mapping, recordOf, schema } from './delivery/people.ts';
import { type BenchServer, startBenchServer } from './ingest/bench-server.ts';

export type DeliveryBenchOptions = { /** People of the large backfill. */ readonly records: number };

/** As an org answers a Collections call of 200. */
const orgMs = 250;
const inFlight = 5;
const timedPeople = 40_000;
const jsforcePeople = 4_000;
const changesPerS = 200;
const changeSeconds = 20;
/** By their points people belong to one round, or are streamed. */
const streamedPoints = 99;

/**
 * The server as its own process with its embedded PostgreSQL, the org emulator as another, this process beside them.
 * People have six values and are matched by e-mail; memberships are not told.
 */
export async function delivery({ records }: DeliveryBenchOptions): Promise<Record<string, number>> {
  const org = await startBenchOrg();
  const server = await startBenchServer({
    HEADRACE_ALLOW_LOOPBACK_DESTINATIONS: 'true',
    HEADRACE_API_CALL_ALLOWANCE: '4000000',
  });
  try {
    const bench = await setUp(server, org);
    // With the latency of an org: against a loop that does nothing but post, and against jsforce.
    await org.faults({ latency_ms: orgMs });
    const jsforceS = await byJsforce(org);
    await org.reset();
    await org.faults({ latency_ms: orgMs });
    const bareS = await bareLoop(org, timedPeople, inFlight);
    await org.reset();
    await org.faults({ latency_ms: orgMs });
    const timed = await bench.backfill(0, timedPeople);
    report('backfill with an org of 250 ms', { ...timed, bare_loop_s: bareS, jsforce_s_of_4000: jsforceS });
    await org.faults({});
    // Without latency: what it costs, and what memory it takes.
    const large = await bench.backfill(timedPeople, timedPeople + records);
    report('backfill with an org without latency', large);
    const latency = await bench.stream(timedPeople + records);
    report(`${changesPerS} changes/s`, latency);
    return {
      ratio_to_bare_loop_250ms: round2(bareS / timed.seconds),
      cpu_us_per_record: Math.round((large.cpuSeconds / records) * 1e6),
      records_per_s: Math.round(records / large.seconds),
      calls_per_1000_plentiful: round2((large.calls / records) * 1_000),
      latency_ms_p50: latency.p50,
      latency_ms_p99: latency.p99,
      rss_mb: await server.peakRssMb(),
      ratio_to_jsforce_upsert: round2(jsforceS / jsforcePeople / (timed.seconds / timedPeople)),
    };
  } finally {
    await server.stop();
    await org.stop();
  }
}

type Backfill = { readonly seconds: number; readonly cpuSeconds: number; readonly calls: number };

async function setUp(server: BenchServer, org: BenchOrg) {
  const { call, database } = server;
  const { schema_id } = await call('POST', '/schemas', schema);
  const { dataset_id } = await call('POST', '/datasets', { name: 'People', schema_id });
  const { account_id } = await call('POST', '/accounts', {
    destination_type: 'salesforce-crm',
    name: 'Bench',
    authentication: 'oauth2-password',
    values: { ...org.credentials, custom_domain: org.url },
  });
  const dataflowNamed = (name: string) =>
    call('POST', '/dataflows', { account_id, name, details: { membership: 'none' }, mapping });
  const segmentOf = (name: string, expression: string) =>
    call('POST', '/segments', { name, description: '', expression });
  let round = 0;

  /** Makes people, activates a segment of theirs, and waits until all are in the org. */
  const backfill = async (from: number, to: number): Promise<Backfill> => {
    round += 1;
    await makePeople(server, { from, to, points: round });
    const { segment_id } = await segmentOf(`Round ${round}`, `loyalty.points = ${round}`);
    while ((await call('GET', `/segments/${String(segment_id)}`)).evaluated_at === null) await sleep(50);
    const { dataflow_id } = await dataflowNamed(`Round ${round}`);
    await database.query('vacuum (analyze) segment_membership');
    const [cpu, calls] = [await server.cpuSeconds(), await org.calls()];
    const startedMs = performance.now();
    await call('POST', `/dataflows/${String(dataflow_id)}/activations`, { segment_id });
    for (let activated = 0; activated < to - from; ) {
      await sleep(to - from > 100_000 ? 1_000 : 50);
      const found = await database.query<{ count: number }>(
        `select coalesce(sum(activated), 0)::int as count from dataflow_run where dataflow_id = $1`,
        [dataflow_id],
      );
      activated = found.rows[0]?.count ?? 0;
      if (to - from > 100_000) process.stderr.write(`activated: ${activated} of ${to - from}\n`);
    }
    const after = await server.cpuSeconds();
    return {
      seconds: (performance.now() - startedMs) / 1_000,
      cpuSeconds: after.server + after.postgres - cpu.server - cpu.postgres,
      calls: (await org.calls()) - calls,
    };
  };

  /** New people, one a request, and how long after its answer each is in the org. */
  const stream = async (first: number): Promise<{ readonly p50: number; readonly p99: number }> => {
    const { segment_id } = await segmentOf('Streamed', `loyalty.points = ${streamedPoints}`);
    while ((await call('GET', `/segments/${String(segment_id)}`)).evaluated_at === null) await sleep(50);
    const { dataflow_id } = await dataflowNamed('Streamed');
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
        call('POST', `/datasets/${String(dataset_id)}/records`, {
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
  };
  return { backfill, stream };
}

async function readEmails(org: BenchOrg, ids: readonly string[]): Promise<readonly (string | undefined)[]> {
  const answer = await fetch(`${org.url}/services/data/v67.0/composite/sobjects/Contact`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await signIn(org)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ids, fields: ['Email'] }),
  });
  return ((await answer.json()) as { readonly Email?: string }[]).map(({ Email }) => Email);
}

/** jsforce's own upsert of an array. @returns seconds. */
async function byJsforce(org: BenchOrg): Promise<number> {
  const connection = new Connection({
    instanceUrl: org.url,
    accessToken: await signIn(org),
    version: '67.0',
  });
  const contacts = Array.from({ length: jsforcePeople }, (_, index) => contactOf(index));
  const startedMs = performance.now();
  const results = await connection.sobject('Contact').upsert(contacts, 'Email', { allowRecursive: true });
  if (!results.every(({ success }) => success)) throw new Error('jsforce was refused a record.');
  return (performance.now() - startedMs) / 1_000;
}

const report = (name: string, figures: object): void =>
  void process.stderr.write(`${name}: ${JSON.stringify(figures)}\n`);

const round2 = (value: number): number => Math.round(value * 100) / 100;
