import { spawn } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { routeTable } from '../packages/server/src/api/route-table.ts';
import { findDocumentFaults } from './documents.ts';
import { findArrowFaults } from './import-arrows.ts';
import { findDownloadAddresses, findMissingEntries } from './lock-file.ts';

type Outcome = { readonly isGood: boolean; readonly output: string };

const tool =
  (program: string, ...args: string[]) =>
  (): Promise<Outcome> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [join('node_modules', program), ...args]);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          output += chunk;
        });
      }
      child.once('error', (error) => resolve({ isGood: false, output: error.message }));
      child.once('close', (code) => resolve({ isGood: code === 0, output }));
    });

const checkArrows = async (): Promise<Outcome> => {
  const pattern = '{packages/*/src,e2e,bench,scripts}/**/*.{ts,tsx}';
  const paths = await Array.fromAsync(glob(pattern, { exclude: (name) => name === 'node_modules' }));
  const files = paths.map(async (path) => ({
    path: path.replaceAll('\\', '/'),
    text: await readFile(path, 'utf8'),
  }));
  const faults = findArrowFaults(await Promise.all(files));
  return { isGood: faults.length === 0, output: faults.join('\n') };
};

const checkLock = async (): Promise<Outcome> => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const faults = [
    ...Object.keys(findMissingEntries(packages)).map((path) => `${path} is missing; run "npm run lock"`),
    ...findDownloadAddresses(packages).map(
      (path) => `${path} names its download address; run "npm run lock"`,
    ),
  ];
  return { isGood: faults.length === 0, output: faults.join('\n') };
};

const checkDocuments = async (): Promise<Outcome> => {
  const isForeign = (name: string): boolean => ['node_modules', '.git', '.headrace', 'dist'].includes(name);
  const found = await Array.fromAsync(glob('**/*', { exclude: isForeign }));
  const paths = found.map((path) => path.replaceAll('\\', '/'));
  const documents = paths
    .filter((path) => path.endsWith('.md'))
    .map(async (path) => ({ path, text: await readFile(path, 'utf8') }));
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const routes = [...routeTable.map(({ method, path }) => `${method} ${path}`), 'GET /openapi.json'];
  const repository = { paths, routes, scripts: Object.keys(scripts) };
  const faults = findDocumentFaults(await Promise.all(documents), repository);
  return { isGood: faults.length === 0, output: faults.join('\n') };
};

const steps = {
  'lock file': checkLock,
  'format and lint': tool('@biomejs/biome/bin/biome', 'check', '.'),
  types: tool('typescript/bin/tsc', '-p', '.'),
  'import arrows': checkArrows,
  documents: checkDocuments,
  'unused code': tool('knip/bin/knip.js', '--no-progress'),
  'generated documents': tool('../scripts/make-error-docs.ts', '--check'),
};

let hasFailed = false;
for (const [name, run] of Object.entries(steps)) {
  const startedAt = performance.now();
  const { isGood, output } = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${isGood ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!isGood) console.log(output.trim());
  hasFailed ||= !isGood;
}
process.exitCode = hasFailed ? 1 : 0;
