import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Coverage, crashRun, pointsOf } from './crash-runs/crash-run.ts';
import { modes } from './crash-runs/modes.ts';

/** A thousand random runs in all, or as many as `HEADRACE_CRASH_RUNS` says, behind seed `HEADRACE_CRASH_SEED`. */
const runs = Number(process.env.HEADRACE_CRASH_RUNS ?? 1_000);
const firstSeed = Number(process.env.HEADRACE_CRASH_SEED ?? 1);
const fewestHits = 5;

const coverage: Coverage = new Map();
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test.each(modes)('promises 2, 3, 4, 5 and 10: random runs in mode $name', async (mode) => {
  const share = Math.ceil(runs / modes.length);
  for (let run = 0; run < share; run++) await crashRun(database, mode, firstSeed + run, coverage);
  const hits = pointsOf(mode).map((point) => [point, coverage.get(mode.name)?.get(point) ?? 0] as const);
  console.log(
    `${mode.name}: ${share} runs; servers ended ${hits.map(([point, times]) => `${point} ${times}`).join(', ')}`,
  );
  // Fewer runs than a thousand do not come past each point so often.
  if (runs >= 1_000)
    for (const [point, times] of hits) expect([point, times >= fewestHits]).toEqual([point, true]);
});
