import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchServer, startBenchServer } from './ingest/bench-server.ts';
import { makePopulation } from './segments/population.ts';

export type DueOptions = {
  /** Profiles of the last instant. */
  readonly profiles: number;
};

/** Profiles of each instant before the last. */
const few = 10_000;
const fewInstants = 3;
const pauseMs = 3_000;
/** From the first event written until the first instant: everyone has to be evaluated by then. */
const leadMsPerProfile = 0.4;
const purchaseDays = 30;
const recent = `exists E from xEvent where E.eventType = "purchase" and E.timestamp occurs <= ${purchaseDays} days before now`;

/**
 * Profiles whose last purchase is 30 days old at one and the same instant: 10,000 of them three times, then many more.
 * One segment they enter by that, which is sent by a dataflow, and one they leave. Measured from the instant until none is due any
 * more: memberships, their history and the marks of deliveries are committed by then.
 */
export async function due({ profiles }: DueOptions): Promise<Record<string, number>> {
  const server = await startBenchServer();
  try {
    const sizes = [...Array.from({ length: fewInstants }, () => few), profiles];
    const everyone = sizes.reduce((sum, size) => sum + size, 0);
    await makePopulation(server, everyone, 0);
    const firstAt = Math.ceil((Date.now() + 10_000 + everyone * leadMsPerProfile) / 1_000) * 1_000;
    const instants = sizes.map((size, index) => ({ size, at: new Date(firstAt + index * pauseMs) }));
    await makePurchases(server, instants);
    const lapsed = await segmentOf(server, 'Lapsed', `not (${recent})`, firstAt);
    await activate(server, lapsed);
    await segmentOf(server, 'Recent', recent, firstAt);
    const seconds: number[] = [];
    for (const { size, at } of instants) {
      await sleep(at.getTime() - Date.now() - 5);
      seconds.push(await untilNoneIsDue(server, at));
      await requireApplied(server, lapsed, at, size);
      process.stderr.write(`${size} at one instant: ${seconds.at(-1)?.toFixed(3)} s\n`);
    }
    const last = seconds.pop() ?? 0;
    return {
      due_10000_worst_ms: Math.round(Math.max(...seconds) * 1_000),
      due_profiles_per_s: Math.round(profiles / last),
      rss_mb: await server.peakRssMb(),
    };
  } finally {
    await server.stop();
  }
}

type Instant = { readonly size: number; readonly at: Date };

/** Three purchases each: the last is 30 days old a millisecond before the instant. */
async function makePurchases({ database }: BenchServer, instants: readonly Instant[]): Promise<void> {
  let offset = 0;
  for (const { size, at } of instants) {
    await database.query(
      `insert into profile_event (bucket, profile_id, dataset_id, event_id, at, namespace, value, document)
       select bucket, profile_id, (select dataset_id from dataset where name = 'Orders'), 'e' || n, made,
         'Email', document->'personalEmail'->>'address', jsonb_build_object('_id', 'e' || n, 'eventType', 'purchase',
           'timestamp', to_char(made at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'commerce', jsonb_build_object('order', jsonb_build_object('priceTotal', 10 * n)))
       from (select * from profile order by bucket, profile_id offset $1 limit $2) as some_profiles
       cross join lateral (
         select n, $3::timestamptz - interval '1 ms' - $4 * interval '24 hours' - n * interval '40 hours' as made
         from generate_series(0, 2) as n) as purchases`,
      [offset, size, at, purchaseDays],
    );
    offset += size;
  }
  await database.query('vacuum (analyze) profile_event');
}

/** @returns its id, everyone evaluated. */
async function segmentOf(
  { call, database }: BenchServer,
  name: string,
  expression: string,
  before: number,
): Promise<string> {
  const { segment_id } = await call('POST', '/segments', { name, description: '', expression });
  for (;;) {
    if (Date.now() > before) throw new Error('Everyone was not evaluated before the first instant.');
    const { rows } = await database.query('select evaluated_at from segment where segment_id = $1', [
      segment_id,
    ]);
    if (rows[0]?.evaluated_at !== null) return String(segment_id);
    await sleep(50);
  }
}

/** To a dataflow that marks and does not send. */
async function activate({ database }: BenchServer, segmentId: string): Promise<void> {
  const [accountId, dataflowId] = [randomUUID(), randomUUID()];
  await database.query(
    `insert into account (account_id, destination_type, name, authentication, settings, sealed_secrets, created_at)
     values ($1, 'salesforce-crm', 'Bench', 'none', '{}', '', now())`,
    [accountId],
  );
  const mapping = [{ source: { attribute: 'personalEmail.address' }, target: 'Email' }];
  await database.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, created_at)
     values ($1, $2, 'Bench', '', '{}', $3, false, now())`,
    [dataflowId, accountId, JSON.stringify(mapping)],
  );
  await database.query(
    'insert into activation (dataflow_id, segment_id, activated_at) values ($1, $2, now())',
    [dataflowId, segmentId],
  );
}

/** @returns seconds from the instant on. */
async function untilNoneIsDue({ database }: BenchServer, at: Date): Promise<number> {
  for (;;) {
    const { rows } = await database.query(
      'select exists (select from evaluation_due where evaluate_at <= $1) as "isDue"',
      [at],
    );
    if (rows[0]?.isDue === false) return (Date.now() - at.getTime()) / 1_000;
    await sleep(5);
  }
}

async function requireApplied(
  { database }: BenchServer,
  segmentId: string,
  at: Date,
  size: number,
): Promise<void> {
  const { rows } = await database.query(
    `select count(*) as entered, count(e.profile_id) as marked from segment_membership m
     left join export_state e on e.bucket = m.bucket and e.profile_id = m.profile_id and e.status = 'pending'
     where m.segment_id = $1 and m.status <> 'exited' and m.last_qualification_time = $2`,
    [segmentId, at],
  );
  const found = JSON.stringify(rows[0]);
  if (found !== JSON.stringify({ entered: size, marked: size }))
    throw new Error(`Expected ${size} profiles that entered and were marked, found ${found}.`);
}
