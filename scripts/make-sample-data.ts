/*
 * Writes examples/customers.csv and examples/orders.csv anew: `npm exec -- node scripts/make-sample-data.ts`.
 * The files are fixed by their seeds, so running it changes nothing unless the code has changed.
 */
import { writeFileSync } from 'node:fs';
import { createSampleFiles } from './sample-data/sample-files.ts';

for (const [name, text] of Object.entries(createSampleFiles())) {
  writeFileSync(new URL(`../examples/${name}`, import.meta.url), text);
  console.log(`examples/${name}: ${text.split('\n').length - 2} rows`);
}
