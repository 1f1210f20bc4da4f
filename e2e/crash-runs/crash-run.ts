import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from '@headrace/testkit';
import type { CrashPoint } from '../../packages/server/src/lifecycle/crash-points.ts';
import { Chance } from './chance.ts';
import { change } from './changes.ts';
import { type Coverage, pointsOf } from './coverage.ts';
import { type CrashingServer, never } from './crashing-server.ts';
import { expectRight } from './expect-right.ts';
import { chooseFaults } from './faults.ts';
import { Mishaps } from './mishaps.ts';
import { type Mode, World } from './world.ts';

const steps = 6;

export type CrashRun = {
  readonly mode: Mode;
  readonly seed: number;
  /** Where servers end in about half of the steps, instead of anywhere. */
  readonly steer?: CrashPoint | undefined;
};

/**
 * One random run: people come, change, leave, are joined, parted and deleted, while calls are lost, late, refused and
 * slow, others use up the org's calls, the org is restored to an older state, and servers end between any two effects,
 * are overtaken, or run side by side. Then everything is mended, and what is left must be right. Seed and steering make
 * every choice; only how far servers come in between is the machine's.
 */
export async function crashRun(database: TestDatabase, run: CrashRun, coverage: Coverage): Promise<void> {
  const { mode, seed } = run;
  const chance = new Chance(seed);
  const world = await World.start(database, mode, () => 0.5);
  const ends = new Ends(world, coverage);
  world.atPoint = (point, server) => ends.at(point, server);
  try {
    const mishaps = new Mishaps(world, chance, coverage, steps);
    world.startServer();
    for (let step = 0; step < steps; step++) {
      world.org.faults({ seed: `${seed} ${step}`, ...chooseFaults(chance) });
      ends.arm(choosePoint(run, chance), { passes: 1 + chance.upTo(1), stalls: chance.is(0.12) });
      await mishaps.at(step);
      await change(world, chance);
      // Now servers have time to come to the point, now the next things happen meanwhile.
      await (chance.is(0.5) ? ends.reached(300) : delay(20 + chance.upTo(80)));
      if (mode.bulkFrom !== undefined) await letJobsRun(world);
      if (chance.is(0.3)) await world.advance(chance.upTo(900) * 1_000);
      if (chance.is(0.2)) await change(world, chance);
      const living = world.servers.filter(({ isDead }) => !isDead);
      if (living.length === 0 || (living.length === 1 && chance.is(0.2))) world.startServer();
      await mishaps.after(step, step === steps - 1);
    }
    ends.disarm();
    await world.settle();
    await expectRight(world, mode);
  } catch (error) {
    const text = `${replayOf(run)}\n${world.notes.join('; ')}\n${textOf(error)}`;
    throw new Error(text, { cause: error });
  } finally {
    await world.close();
  }
}

/** With what was expected of an assertion, which its message leaves out. */
function textOf(error: unknown): string {
  if (!(error instanceof Error && 'actual' in error && 'expected' in error)) return String(error);
  return `${error.message}\n  ${JSON.stringify(error.actual)}\n  ${JSON.stringify(error.expected)}`;
}

/** How to see the run again. */
const replayOf = ({ mode, seed, steer }: CrashRun): string =>
  `HEADRACE_CRASH_RUNS=1 HEADRACE_CRASH_MODES='${mode.name}' HEADRACE_CRASH_SEED=${seed}${steer === undefined ? '' : ` HEADRACE_CRASH_STEER='${steer}'`} npm run test:long -- e2e/crash-runs.long.test.ts`;

function choosePoint({ mode, steer }: CrashRun, chance: Chance): CrashPoint {
  const any = chance.oneOf(pointsOf(mode));
  return chance.is(0.5) ? (steer ?? any) : any;
}

/** Ends the server that comes to the chosen point, or lets it stand still there for long. */
class Ends {
  readonly #world: World;
  readonly #coverage: Coverage;
  #armed: { point: CrashPoint; passes: number; stalls: boolean } | undefined;

  constructor(world: World, coverage: Coverage) {
    this.#world = world;
    this.#coverage = coverage;
  }

  /** @param how.passes at which time of passing the point */
  arm(point: CrashPoint, how: { readonly passes: number; readonly stalls: boolean }): void {
    this.#armed = { point, ...how };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  /** Until the point was passed as often as was chosen, or so many milliseconds are over. */
  async reached(mostMs: number): Promise<void> {
    const until = performance.now() + mostMs;
    while (this.#armed !== undefined && performance.now() < until) await delay(10);
  }

  async at(point: CrashPoint, server: CrashingServer): Promise<void> {
    const { mode } = this.#world;
    this.#coverage.passed(mode, point);
    const armed = this.#armed;
    if (armed?.point !== point || --armed.passes > 0) return;
    this.#armed = undefined;
    this.#world.note(`${armed.stalls ? 'stalls' : 'ends'} at ${point}`);
    if (armed.stalls) {
      this.#coverage.befell(mode, 'server stalled');
      await this.#world.overtake();
      return delay(250);
    }
    this.#coverage.ended(mode, point);
    server.kill();
    await never();
  }
}

/** Backlogs are counted, and jobs looked at, every few seconds. */
async function letJobsRun(world: World): Promise<void> {
  for (let time = 0; time < 3; time++) {
    await world.advance(6_000);
    for (const server of world.servers) server.resume();
    await delay(40);
  }
}
