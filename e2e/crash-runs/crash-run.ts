import { setTimeout as delay } from 'node:timers/promises';
import type { FaultRuleInput } from '@headrace/salesforce-emulator';
import type { TestDatabase } from '@headrace/testkit';
import {
  type CrashPoint,
  crashPoints,
  listenAtCrashPoints,
} from '../../packages/server/src/lifecycle/crash-points.ts';
import { Chance } from './chance.ts';
import { serverHere } from './crashing-server.ts';
import { expectRight } from './expect-right.ts';
import { type Mode, type Person, World } from './world.ts';

/** How often servers ended at each point, by mode. */
export type Coverage = Map<string, Map<CrashPoint, number>>;

const people = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const steps = 6;

/**
 * One random run: people come, change, leave, are joined, parted and deleted, while calls are lost, late, refused and
 * slow, and servers end between any two effects, are overtaken, or run side by side. Then everything is mended, and
 * what is left must be right. The seed makes every choice; only how far servers come in between is the machine's.
 */
export async function crashRun(
  database: TestDatabase,
  mode: Mode,
  seed: number,
  coverage: Coverage,
): Promise<void> {
  const chance = new Chance(seed);
  const world = await World.start(database, mode, () => 0.5);
  const hits = coverage.get(mode.name) ?? new Map<CrashPoint, number>();
  coverage.set(mode.name, hits);
  const points = pointsOf(mode);
  let armed: { point: CrashPoint; passes: number; stalls: boolean } | undefined;
  listenAtCrashPoints(async (point) => {
    const server = serverHere();
    if (server?.isDead === true) await never();
    if (server === undefined || armed?.point !== point || --armed.passes > 0) return;
    const { stalls } = armed;
    armed = undefined;
    if (!stalls) {
      hits.set(point, (hits.get(point) ?? 0) + 1);
      server.kill();
      await never();
    }
    await overtake(world);
  });
  try {
    world.startServer();
    for (let step = 0; step < steps; step++) {
      world.org.faults({ seed: `${seed} ${step}`, ...chooseFaults(chance) });
      // The points that were reached least often come first.
      const point = chance.is(0.5) ? chance.oneOf(points) : leastHit(points, hits);
      armed = { point, passes: 1 + chance.upTo(1), stalls: chance.is(0.12) };
      await change(world, chance);
      await delay(20 + chance.upTo(80));
      if (mode.bulkFrom !== undefined) await letJobsRun(world);
      if (chance.is(0.3)) await world.advance(chance.upTo(900) * 1_000);
      if (chance.is(0.2)) await change(world, chance);
      const living = world.servers.filter(({ isDead }) => !isDead);
      if (living.length === 0 || (living.length === 1 && chance.is(0.2))) world.startServer();
    }
    armed = undefined;
    await world.settle();
    await expectRight(world, mode);
  } catch (error) {
    throw new Error(`Crash run of mode ${mode.name} with seed ${seed}: ${String(error)}`, { cause: error });
  } finally {
    listenAtCrashPoints(undefined);
    await world.close();
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

/** The points that a mode of writing passes at all. */
export const pointsOf = (mode: Mode): readonly CrashPoint[] =>
  crashPoints.filter((point) => isReached(point, mode));

function isReached(point: CrashPoint, mode: Mode): boolean {
  const isCompared = mode.mapping.some(({ overwrite }) => overwrite === 'if_empty');
  const isListed = mode.details.membership === 'campaign';
  if (point === 'compared' || point === 'part written') return isCompared;
  if (point === 'list claimed' || point === 'list made' || point === 'records written') return isListed;
  return !point.startsWith('bulk ') || mode.bulkFrom !== undefined;
}

const leastHit = (points: readonly CrashPoint[], hits: ReadonlyMap<CrashPoint, number>): CrashPoint =>
  points.reduce((least, point) => ((hits.get(point) ?? 0) < (hits.get(least) ?? 0) ? point : least));

/** A server stands still for longer than its request and its lease may last; another takes over meanwhile. */
async function overtake(world: World): Promise<void> {
  await world.advance(25 * 60_000);
  await world.pool.query(`update bucket_lease set expires_at = '-infinity'`);
  world.startServer();
  await delay(250);
}

/** Backlogs are counted, and jobs looked at, every few seconds. */
async function letJobsRun(world: World): Promise<void> {
  for (let time = 0; time < 3; time++) {
    await world.advance(6_000);
    for (const server of world.servers) server.resume();
    await delay(40);
  }
}

async function change(world: World, chance: Chance): Promise<void> {
  const [id, other] = [chance.oneOf(people), chance.oneOf(people)];
  const kind = chance.next();
  if (kind < 0.07) return world.deletePerson(id, chance.oneOf(['keep', 'delete']));
  if (kind < 0.14) return world.unlink(id, other);
  const changed = Array.from({ length: 1 + chance.upTo(4) }, () => choosePerson(chance, other));
  await world.ingest(changed);
}

function choosePerson(chance: Chance, other: string): Person {
  const id = chance.oneOf(people);
  return {
    id,
    // Some move to another address, now and then to one that somebody else has.
    email: `${chance.is(0.85) ? id : chance.oneOf([`${id}-new`, other])}@example.com`,
    ...(chance.is(0.85) && { lastName: `Name ${chance.upTo(999)}` }),
    ...(chance.is(0.5) && { city: `City ${chance.upTo(9)}` }),
    ...(chance.is(0.5) && { company: `Company ${chance.upTo(2)}` }),
    ...(chance.is(0.08) && { optedOut: true }),
    ...(chance.is(0.12) && { links: [other] }),
  };
}

function chooseFaults(chance: Chance): {
  rules: FaultRuleInput[];
  locks?: { transaction_ms: number; timeout_ms: number };
} {
  const write = { path_prefix: '/services/data/', method: chance.oneOf(['PATCH', 'POST']) };
  const any = { path_prefix: '/services/' };
  const kinds: readonly (() => FaultRuleInput)[] = [
    () => ({
      match: write,
      count: 1 + chance.upTo(1),
      fault: { kind: 'cut', when: chance.oneOf(['before_write', 'after_write', 'mid_answer']) },
    }),
    () => ({ match: write, count: 1, fault: { kind: 'late_write', delay_ms: 1_000 * chance.upTo(590) } }),
    () => ({
      match: any,
      count: 1 + chance.upTo(5),
      fault: {
        kind: 'error',
        when: chance.oneOf(['before_write', 'after_write']),
        form: chance.oneOf(['array', 'html']),
      },
    }),
    () => ({ match: any, count: 1, fault: { kind: 'session_expiry' } }),
    () => ({
      match: any,
      count: 1 + chance.upTo(2),
      fault: { kind: 'error', error_code: 'REQUEST_LIMIT_EXCEEDED' },
    }),
    () => ({
      match: {},
      count: 2,
      fault: { kind: 'record_error', error_code: 'UNABLE_TO_LOCK_ROW', share: 0.5 },
    }),
    () => ({ match: any, fault: { kind: 'latency', distribution: 'uniform', ms: 1, max_ms: 60 } }),
  ];
  const rules = Array.from({ length: chance.upTo(2) }, () => chance.oneOf(kinds)());
  return { rules, ...(chance.is(0.15) && { locks: { transaction_ms: 60, timeout_ms: 20 } }) };
}
