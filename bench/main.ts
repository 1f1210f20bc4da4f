import { parseArgs } from 'node:util';
import { budget } from './budget.ts';
import { delivery } from './delivery.ts';
import { due } from './due.ts';
import { emulator } from './emulator.ts';
import { firstPath } from './first-path.ts';
import { ingest } from './ingest.ts';
import { manySegments } from './many-segments.ts';
import { segments } from './segments.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    records: { type: 'string' },
    hours: { type: 'string', default: '1' },
    'week-hours': { type: 'string', default: '48' },
    seconds: { type: 'string', default: '20' },
  },
});

const million = 1_000_000;
const recordsOr = (usual: number): number => Number(values.records ?? usual);

/** Benchmarks by name; each resolves with the figures that go on the last line. */
const benchmarks: Readonly<Record<string, () => Promise<Readonly<Record<string, number>>>>> = {
  budget: () => budget({ hours: Number(values.hours), weekHours: Number(values['week-hours']) }),
  // A million, which is for the memory that it takes, does not fit into ten minutes of busy cores with the rest.
  delivery: () => delivery({ records: recordsOr(300_000) }),
  due: () => due({ profiles: Math.min(100_000, recordsOr(million)) }),
  emulator,
  'first-path': firstPath,
  // Of a profile it says the same for fewer of them.
  'many-segments': () => manySegments({ people: Math.min(20_000, recordsOr(million)) }),
  segments: () => segments({ profiles: recordsOr(million) }),
  ingest: () => ingest({ records: recordsOr(million), seconds: Number(values.seconds) }),
};

const benchmark = benchmarks[positionals[0] ?? ''];
if (benchmark === undefined) {
  process.stderr.write(
    `Usage: npm run -s bench -- NAME [--json], NAME one of: ${Object.keys(benchmarks).join(', ')}\n` +
      `ingest takes --records N (people in all) and --seconds N (of single records), segments and delivery --records N (people), budget --hours N (of the moved clock, through the engine) and --week-hours N (of the week in the ledger, 172 for all of it)\n`,
  );
  process.exit(1);
}
const figures = await benchmark();
if (values.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
else for (const [name, figure] of Object.entries(figures)) process.stdout.write(`${name}: ${figure}\n`);
