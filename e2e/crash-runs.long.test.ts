import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashPoints } from '../packages/server/src/lifecycle/crash-points.ts';
import { ManyRuns } from './crash-runs/many-runs.ts';
import { modes as allModes } from './crash-runs/modes.ts';

/*
 * A thousand random runs, or as many as HEADRACE_CRASH_RUNS says, in all modes or those named by HEADRACE_CRASH_MODES
 * (with commas), behind seed HEADRACE_CRASH_SEED, HEADRACE_CRASH_AT_ONCE at a time. HEADRACE_CRASH_STEER leads all to
 * one point. HEADRACE_CRASH_OUTCOME names the file that says at any time what has come of them.
 */
const {
  HEADRACE_CRASH_RUNS: runs = '1000',
  HEADRACE_CRASH_SEED: firstSeed = '1',
  HEADRACE_CRASH_AT_ONCE: atOnce = '2',
  HEADRACE_CRASH_MODES: modeNames,
  HEADRACE_CRASH_STEER: steeredTo,
  HEADRACE_CRASH_OUTCOME: outcomeFile = join(tmpdir(), 'headrace-crash-runs.txt'),
} = process.env;
const modes = allModes.filter(({ name }) => modeNames?.split(',').includes(name) ?? true);
const share = Math.ceil(Number(runs) / modes.length);
/** Fewer runs of a mode do not come past each point so often. */
const enoughRuns = 100;

let databases: TestDatabase[] = [];
let all: ManyRuns;
beforeAll(async () => {
  databases = await Promise.all(Array.from({ length: Number(atOnce) }, () => createDatabase()));
  all = new ManyRuns({ databases, modes, outcomeFile });
  console.log(`What comes of the runs stands in ${outcomeFile}.`);
});
afterAll(async () => {
  console.log(all.report());
  await Promise.all(databases.map((database) => database.drop()));
});

test.each(modes)('promises 2, 3, 4, 5 and 10: random runs in mode $name', async (mode) => {
  const steer = crashPoints.find((point) => point === steeredTo);
  const isWhole = share >= enoughRuns;
  const mostMore = isWhole ? share / 2 : 0;
  await all.run(mode, { runs: share, mostMore, firstSeed: Number(firstSeed), steer });
  expect(all.failures.filter(({ run }) => run.mode === mode).map(({ error }) => String(error))).toEqual([]);
  if (isWhole) expect(all.gaps(mode)).toEqual([]);
});
