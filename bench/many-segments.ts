import { setTimeout as sleep } from 'node:timers/promises';
import {
  compileRuleSet,
  compileSegmentRule,
  composeSchema,
  evaluateRules,
  type IdentifiedRule,
  type JsonObject,
} from '@headrace/core';
import { type BenchServer, startBenchServer } from './ingest/bench-server.ts';
import { loadFile } from './ingest/load-file.ts';
import { recordOf, schema } from './ingest/people.ts';

export type ManySegmentsOptions = { readonly people: number };

const segments = 1_000;
const rounds = 5;
/** Single records of one measurement, one after the other: each is a transaction of its own. */
const singles = 300;

/** Two hundred each of five kinds; nobody fulfils one, so that nothing is written that was not written without them. */
const kinds: readonly ((index: number) => string)[] = [
  (i) => `loyalty.points > ${100_000 + i}`,
  (i) => `homeAddress.countryCode in ["X${i}", "Y${i}"] and loyalty.points >= ${i}`,
  (i) => `homeAddress.city in ["Town ${i}", "Town ${i + 7}"] or loyalty.tier = "tin ${i}"`,
  (i) => `person.birthDate < date(${1000 + (i % 900)}, 1, 1)`,
  (i) => `person.name.lastName.contains("nobody ${i}", false) and loyalty.tier.isNotNull()`,
];
const expressionOf = (index: number): string => kinds[index % kinds.length]?.(index) ?? '';

/**
 * The same ingestion with none of 1,000 segments published and with all of them, in turn, in files and as single
 * records, changed people each time: processor time of the server and its PostgreSQL for each record, which other work
 * on the machine hardly touches. Beside it what the rules take by themselves, compiled together and asked over documents
 * in memory: one after the other, and one now and then, when little of them is left in the processor's caches. Medians.
 * The rest is what segments cost beyond their rules.
 */
export async function manySegments({ people }: ManySegmentsOptions): Promise<Record<string, number>> {
  const rules = await rulesTake();
  const server = await startBenchServer();
  try {
    const datasetId = await setUp(server);
    await loadFile(server, datasetId, { from: 0, to: people, round: 0 });
    const taken: Taken = { file: { none: [], all: [] }, single: { none: [], all: [] } };
    const measure = async (into: number[], records: number, work: () => Promise<unknown>) => {
      const before = await server.cpuSeconds();
      await work();
      const after = await server.cpuSeconds();
      into.push(((after.server - before.server + after.postgres - before.postgres) / records) * 1e6);
    };
    for (let round = 1; round <= rounds * 2; round += 1) {
      const published = round % 2 === 0 ? 'all' : 'none';
      await publish(server, published);
      // What follows from segments being written is done once, not each time.
      await sendSingles(server, datasetId, 20, round * 3);
      const all = { from: 0, to: people, round: round * 3 + 1 };
      await measure(taken.file[published], people, () => loadFile(server, datasetId, all));
      await measure(taken.single[published], singles, () =>
        sendSingles(server, datasetId, singles, round * 3 + 2),
      );
      const [file, single] = [taken.file[published].at(-1), taken.single[published].at(-1)];
      process.stderr.write(
        `${published}: ${file?.toFixed(0)} µs a row, ${single?.toFixed(0)} µs a single record\n`,
      );
    }
    return {
      ...figuresOf('file', taken.file, rules.inTurn),
      ...figuresOf('single', taken.single, rules.alone),
    };
  } finally {
    await server.stop();
  }
}

/** Microseconds of processor time. */
type Taken = Record<'file' | 'single', Record<'none' | 'all', number[]>>;

function figuresOf(name: string, { none, all }: Taken['file'], rulesUs: number): Record<string, number> {
  const [without, withAll] = [median(none), median(all)];
  return {
    [`${name}_us_no_segments`]: Math.round(without),
    [`${name}_us_1000_segments`]: Math.round(withAll),
    [`${name}_rules_us`]: Math.round(rulesUs),
    [`${name}_rest_us`]: Math.round(withAll - without - rulesUs),
    [`${name}_slowdown`]: round2(withAll / without),
    [`${name}_slowdown_by_rules`]: round2(1 + rulesUs / without),
  };
}

/** @returns microseconds for one profile. */
async function rulesTake(): Promise<{ readonly inTurn: number; readonly alone: number }> {
  const profile = composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: schema.field_group_ids });
  const event = composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] });
  const rules: IdentifiedRule[] = Array.from({ length: segments }, (_, index) => ({
    segmentId: `s${index}`,
    rule: compileSegmentRule(expressionOf(index), { profile, event }),
  }));
  const set = compileRuleSet(rules);
  const documents = Array.from({ length: 2_000 }, (_, index) => recordOf(index, 1) as JsonObject);
  const evaluate = (document: JsonObject | undefined) =>
    evaluateRules(set, { document, events: [] }, new Set(), Date.now(), []);
  const inTurn: number[] = [];
  for (let round = 0; round < rounds * 2; round += 1) {
    const started = performance.now();
    for (const document of documents) evaluate(document);
    inTurn.push(((performance.now() - started) / documents.length) * 1e3);
  }
  const alone: number[] = [];
  const others = new Uint8Array(64 * 2 ** 20);
  for (let index = 0; index < singles; index += 1) {
    others.fill(index);
    await sleep(3);
    const started = performance.now();
    evaluate(documents[index]);
    alone.push((performance.now() - started) * 1e3);
  }
  return { inTurn: median(inTurn), alone: median(alone) };
}

async function setUp({ call, database }: BenchServer): Promise<string> {
  await call('POST', '/identity-namespaces', {
    code: 'CRMID',
    title: 'Customer number',
    id_type: 'CROSS_DEVICE',
  });
  const { schema_id } = await call('POST', '/schemas', schema);
  const { dataset_id } = await call('POST', '/datasets', { name: 'People', schema_id });
  // Evaluated already: what is measured is ingestion.
  await database.query(
    `insert into segment (segment_id, name, description, expression, state, evaluated_at, created_at)
     select gen_random_uuid(), 'Segment ' || n, '', expression, 'inactive', now(), now()
     from unnest($1::text[]) with ordinality as given (expression, n)`,
    [Array.from({ length: segments }, (_, index) => expressionOf(index))],
  );
  return String(dataset_id);
}

const publish = ({ database }: BenchServer, published: 'none' | 'all') =>
  database.query('update segment set state = $1', [published === 'all' ? 'published' : 'inactive']);

async function sendSingles(
  { call }: BenchServer,
  datasetId: string,
  count: number,
  round: number,
): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await call('POST', `/datasets/${datasetId}/records`, recordOf(index, round));
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
};
const round2 = (value: number): number => Math.round(value * 100) / 100;
