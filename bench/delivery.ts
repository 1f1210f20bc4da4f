import { Connection } from '@jsforce/jsforce-node';
import { bareLoop, signIn } from './delivery/bare-loop.ts';
import { setUp } from './delivery/bench-dataflows.ts';
import { type BenchOrg, startBenchOrg } from './delivery/bench-org.ts';
import type { MovedFigures } from './delivery/moved-server.ts';
import { contactOf } from './delivery/people.ts';
import { bulkCalls, compareCalls, scarceCalls } from './delivery/scarce.ts';
import { changesPerS, stream } from './delivery/stream.ts';
import { startBenchServer } from './ingest/bench-server.ts';

export type DeliveryBenchOptions = { /** People of the large backfill. */ readonly records: number };

/** As an org answers a Collections call of 200. */
const orgMs = 250;
const inFlight = 5;
const timedPeople = 40_000;
const jsforcePeople = 4_000;
const scarcePeople = 20_000;
const bulkPeople = 100_000;

export async function delivery(options: DeliveryBenchOptions): Promise<Record<string, number>> {
  const speed = await measureSpeed(options);
  return { ...speed, ...(await countCalls()) };
}

/** Calls as the org counts them, under a moved clock: see `movedBackfill`. */
async function countCalls(): Promise<Record<string, number>> {
  const scarce = await scarceCalls(scarcePeople);
  report(`calls scarce, direct, ${scarcePeople} new people`, scarce);
  const compared = await compareCalls(scarcePeople, scarcePeople);
  report(`calls scarce, compared, ${scarcePeople} people, all in the org with another city`, compared);
  const halfNew = await compareCalls(scarcePeople, scarcePeople / 2);
  report(`calls scarce, compared, ${scarcePeople} people, half of them in the org, half new`, halfNew);
  const bulk = await bulkCalls(bulkPeople);
  report(`calls scarce, ${bulkPeople} new people as a Bulk job of five minutes`, bulk);
  const per1000 = ({ calls }: MovedFigures): number => round2((calls / scarcePeople) * 1_000);
  return {
    calls_per_1000_scarce: per1000(scarce),
    calls_per_1000_compare: per1000(compared),
    calls_per_1000_compare_half_new: per1000(halfNew),
    bulk_calls_per_100k: bulk.calls,
  };
}

/**
 * The server as its own process with its embedded PostgreSQL, the org emulator as another, this process beside them.
 * People have six values and are matched by e-mail; memberships are not told.
 */
async function measureSpeed({ records }: DeliveryBenchOptions): Promise<Record<string, number>> {
  const org = await startBenchOrg();
  const server = await startBenchServer({
    HEADRACE_ALLOW_LOOPBACK_DESTINATIONS: 'true',
    HEADRACE_API_CALL_ALLOWANCE: '4000000',
  });
  try {
    const dataflows = await setUp(server, org);
    // With the latency of an org: against a loop that does nothing but post, and against jsforce.
    await org.faults({ latency_ms: orgMs });
    const jsforceS = await byJsforce(org);
    await org.reset();
    await org.faults({ latency_ms: orgMs });
    const bareS = await bareLoop(org, timedPeople, inFlight);
    await org.reset();
    await org.faults({ latency_ms: orgMs });
    const timed = await dataflows.backfill(0, timedPeople);
    report('backfill with an org of 250 ms', { ...timed, bare_loop_s: bareS, jsforce_s_of_4000: jsforceS });
    await org.faults({});
    // Without latency: what it costs, and what memory it takes.
    const large = await dataflows.backfill(timedPeople, timedPeople + records);
    report('backfill with an org without latency', large);
    const latency = await stream(server, org, dataflows, timedPeople + records);
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
