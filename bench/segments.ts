import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchServer, startBenchServer } from './ingest/bench-server.ts';
import { makePopulation } from './segments/population.ts';
import { streamProfilesPerS } from './segments/stream-rules.ts';

export type SegmentsOptions = { readonly profiles: number };

/** The rules that `hand-written.sql` says in SQL, by its names. */
const rules = {
  attributes: 'loyalty.tier in ["gold", "platinum"] and loyalty.points >= 2500',
  events: 'xEvent[eventType = "purchase"].count() >= 2',
  sums: 'xEvent[eventType = "purchase"].sum(commerce.order.priceTotal) > 150',
} as const;
const rounds = 3;
const estimates = [
  'loyalty.points > 4000',
  'homeAddress.city.contains("1")',
  'xEvent[eventType = "purchase"].count() >= 2',
  'xEvent[eventType = "purchase" and timestamp occurs < 20 days before now].sum(commerce.order.priceTotal) > 100',
  'person.name.lastName.matches("9$")',
];
const estimatesOfEach = 4;

/**
 * The server as its own process with its embedded PostgreSQL. Rules are evaluated over everyone by creating segments
 * through the API: the time until everyone has been evaluated, commits and all. Beside it the hand-written SQL of
 * `segments/hand-written.sql` writes the same rows, in turn; figures are medians.
 */
export async function segments({ profiles }: SegmentsOptions): Promise<Record<string, number>> {
  const stream = streamProfilesPerS();
  process.stderr.write(`stream: ${Math.round(stream)} profiles/s through 50 segments\n`);
  const server = await startBenchServer();
  try {
    await makePopulation(server, profiles, profiles * 3);
    const statements = await readStatements();
    await server.database.query('create table bench_membership (like segment_membership including all)');
    const ratios: number[] = [];
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      for (const [name, expression] of Object.entries(rules)) {
        const ours = await evaluateAll(server, `${name} ${round}`, expression);
        const hand = await runByHand(server, statements.get(name) ?? '', ours.segmentId);
        process.stderr.write(
          `${name}: ${ours.seconds.toFixed(2)} s, by hand ${hand.toFixed(2)} s, ${ours.members} members\n`,
        );
        if (round === 0) continue;
        ratios.push(ours.seconds / hand);
        seconds.push(ours.seconds);
      }
    const estimateMs = await measureEstimates(server);
    return {
      full_eval_ratio_to_sql: round2(median(ratios)),
      full_eval_ratio_to_sql_worst: round2(Math.max(...ratios)),
      full_eval_profiles_per_s: Math.round(profiles / median(seconds)),
      stream_profiles_per_s_50_segments: Math.round(stream),
      estimate_ms_p95: Math.round(estimateMs),
      rss_mb: await server.peakRssMb(),
    };
  } finally {
    await server.stop();
  }
}

async function evaluateAll({ call, database }: BenchServer, name: string, expression: string) {
  await database.query('checkpoint');
  const started = performance.now();
  const { segment_id } = await call('POST', '/segments', { name, description: '', expression });
  const segmentId = String(segment_id);
  // Not through the API, whose answer counts the members: that is work beside.
  for (;;) {
    const { rows } = await database.query('select evaluated_at from segment where segment_id = $1', [
      segmentId,
    ]);
    if (rows[0]?.evaluated_at !== null) break;
    await sleep(10);
  }
  const seconds = (performance.now() - started) / 1_000;
  const { counts } = await call('GET', `/segments/${segmentId}`);
  return { segmentId, seconds, members: (counts as { realized: number }).realized };
}

/** @returns seconds. */
async function runByHand({ database }: BenchServer, sql: string, segmentId: string): Promise<number> {
  await database.query('checkpoint');
  const started = performance.now();
  await database.query(sql, [segmentId]);
  const seconds = (performance.now() - started) / 1_000;
  const different = await database.query(
    `select count(*) as count from (
       (select profile_id from bench_membership where segment_id = $1
        except select profile_id from segment_membership where segment_id = $1 and status <> 'exited')
       union all
       (select profile_id from segment_membership where segment_id = $1 and status <> 'exited'
        except select profile_id from bench_membership where segment_id = $1)) as different`,
    [segmentId],
  );
  if (different.rows[0]?.count !== 0) throw new Error('The rule and the SQL by hand have different members.');
  return seconds;
}

async function measureEstimates({ call }: BenchServer): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < estimatesOfEach; round += 1)
    for (const expression of estimates) {
      const started = performance.now();
      await call('POST', '/segments/estimate', { expression });
      taken.push(performance.now() - started);
    }
  return taken.toSorted((a, b) => a - b)[Math.ceil(taken.length * 0.95) - 1] ?? 0;
}

async function readStatements(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(import.meta.dirname, 'segments', 'hand-written.sql'), 'utf8');
  return new Map(
    text
      .split('-- name: ')
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')).trim(), part.slice(part.indexOf('\n'))]),
  );
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
};
const round2 = (value: number): number => Math.round(value * 100) / 100;
