import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchServer, startBenchServer } from './ingest/bench-server.ts';
import { loadFile } from './ingest/load-file.ts';
import { sendOpenLoop } from './ingest/open-loop.ts';
import { schema, segments } from './ingest/people.ts';
import { writeSameRows } from './ingest/same-rows.ts';

export type IngestOptions = {
  /** People in all: four rounds of a tenth each, and the rest in one file. */
  readonly records: number;
  /** How long single records are sent. */
  readonly seconds: number;
};

const rounds = 4;
const streamPerS = 1_000;
const besidePerS = 100;

/**
 * The server as its own process with its embedded PostgreSQL, fed through its HTTP API by this process, on the same
 * machine. Everyone has three identities and is in three of six segments.
 *
 * Rounds alternate: a file of new people, the same rows written with no logic, a file that changes them, the same
 * rows of that; figures of batches are medians over the rounds, their ratio to the same rows likewise. Then one large file, beside
 * which single records are sent, and single records alone: half of them new, half changing someone.
 */
export async function ingest(options: IngestOptions): Promise<Record<string, number>> {
  const server = await startBenchServer();
  try {
    const datasetId = await setUp(server);
    const size = Math.floor(options.records / 10);
    const fresh: Round[] = [];
    const changed: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const people = { from: round * size, to: (round + 1) * size };
      fresh.push(await runRound(server, datasetId, { ...people, round: 0 }));
      changed.push(await runRound(server, datasetId, { ...people, round: 1 }));
    }
    const large = { from: rounds * size, to: options.records, round: 0 };
    const loading = loadFile(server, datasetId, large);
    const besideSeconds = Math.max(
      2,
      Math.min(options.seconds, Math.floor((large.to - large.from) / 10_000)),
    );
    const beside = await sendOpenLoop(server, {
      datasetId,
      perSecond: besidePerS,
      seconds: besideSeconds,
      personOf: (index) => (index * 7) % (rounds * size),
      round: 2,
    });
    const { seconds } = await loading;
    await sendOpenLoop(server, { ...streamOf(options, datasetId), seconds: 2, round: 3 });
    const stream = await sendOpenLoop(server, streamOf(options, datasetId));
    await requireWhole(server, options);
    return {
      records: options.records,
      batch_new_records_per_s: Math.round(median(fresh.map(({ perS }) => perS))),
      batch_new_records_per_s_least: Math.round(Math.min(...fresh.map(({ perS }) => perS))),
      batch_changed_records_per_s: Math.round(median(changed.map(({ perS }) => perS))),
      batch_changed_records_per_s_least: Math.round(Math.min(...changed.map(({ perS }) => perS))),
      batch_large_records_per_s: Math.round((large.to - large.from) / seconds),
      ratio_to_same_rows: round2(median([...fresh, ...changed].map(({ ratio }) => ratio))),
      batch_new_ratio: round2(median(fresh.map(({ ratio }) => ratio))),
      batch_changed_ratio: round2(median(changed.map(({ ratio }) => ratio))),
      stream_records_per_s: stream.recordsPerS,
      stream_p50_ms: stream.p50Ms,
      stream_p99_ms: stream.p99Ms,
      stream_max_ms: stream.maxMs,
      stream_beside_batch_p99_ms: beside.p99Ms,
      rss_mb: await server.peakRssMb(),
    };
  } finally {
    await server.stop();
  }
}

/** New people and changed ones in turn. */
const streamOf = ({ records, seconds }: IngestOptions, datasetId: string) => ({
  datasetId,
  perSecond: streamPerS,
  seconds,
  personOf: (index: number) => (index % 2 === 0 ? records + index : (index * 13) % records),
  round: 4,
});

type Round = { readonly perS: number; readonly ratio: number };

async function runRound(
  server: BenchServer,
  datasetId: string,
  people: { readonly from: number; readonly to: number; readonly round: number },
): Promise<Round> {
  const records = people.to - people.from;
  const cpuBefore = await server.cpuSeconds();
  const loaded = await loadFile(server, datasetId, people);
  const cpuBetween = await server.cpuSeconds();
  const same = await writeSameRows(server, loaded.batchId);
  const cpuAfter = await server.cpuSeconds();
  const micros = (from: number, to: number): number => Math.round(((to - from) / records) * 1e6);
  process.stderr.write(
    `round ${people.round} from ${people.from}: ${Math.round(records / loaded.seconds)}/s, ` +
      `same rows (${same.rows} in ${same.transactions}) ${Math.round(records / same.seconds)}/s; ` +
      `CPU per record: server ${micros(cpuBefore.server, cpuBetween.server)} µs, ` +
      `PostgreSQL ${micros(cpuBefore.postgres, cpuBetween.postgres)} µs, for the same rows ${micros(cpuBetween.postgres, cpuAfter.postgres)} µs\n`,
  );
  return { perS: records / loaded.seconds, ratio: same.seconds / loaded.seconds };
}

async function setUp({ call }: BenchServer): Promise<string> {
  await call('POST', '/identity-namespaces', {
    code: 'CRMID',
    title: 'Customer number',
    id_type: 'CROSS_DEVICE',
  });
  const { schema_id } = await call('POST', '/schemas', schema);
  const { dataset_id } = await call('POST', '/datasets', { name: 'People', schema_id });
  for (const segment of segments) {
    const { segment_id } = await call('POST', '/segments', { ...segment, description: '' });
    while ((await call('GET', `/segments/${segment_id}`)).evaluated_at === null) await sleep(20);
  }
  return String(dataset_id);
}

/** Figures of a run that lost something are worth nothing. */
async function requireWhole({ database }: BenchServer, { records, seconds }: IngestOptions): Promise<void> {
  const profiles = records + Math.max(2, seconds) * (streamPerS / 2);
  const found = await database.query(
    `select (select count(*) from profile) as profiles, (select count(*) from identity) as identities,
       (select count(*) from segment_membership where status <> 'exited') as memberships`,
  );
  const expected = { profiles, identities: 3 * profiles, memberships: 3 * profiles };
  if (JSON.stringify(found.rows[0]) !== JSON.stringify(expected))
    throw new Error(`Expected ${JSON.stringify(expected)}, found ${JSON.stringify(found.rows[0])}.`);
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0];
  return (low + high) / 2;
};

const round2 = (value: number): number => Math.round(value * 100) / 100;
