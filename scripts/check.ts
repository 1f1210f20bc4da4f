import { spawn } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { routeTable } from '../packages/server/src/api/route-table.ts';
import { findDocumentFaults } from './documents.ts';
import { findArrowFaults, type SourceFile } from './import-arrows.ts';
import { findDownloadAddresses, findMissingEntries } from './lock-file.ts';
import { readTests } from './make-promise-docs.ts';
import { findPromiseFaults } from './promises.ts';

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

const foreign = new Set(['node_modules', '.git', '.headrace', 'dist']);
const list = async (pattern: string): Promise<string[]> => {
  const found = await Array.fromAsync(glob(pattern, { exclude: (name) => foreign.has(name) }));
  return found.map((path) => path.replaceAll('\\', '/'));
};
const readAll = (paths: readonly string[]): Promise<SourceFile[]> =>
  Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, 'utf8') })));

const checkArrows = async (): Promise<Outcome> => {
  const pattern = '{packages/*/src,e2e,bench,scripts}/**/*.{ts,tsx}';
  const faults = findArrowFaults(await readAll(await list(pattern)));
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
  const paths = await list('**/*');
  const documents = await readAll(paths.filter((path) => path.endsWith('.md')));
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const routes = [...routeTable.map(({ method, path }) => `${method} ${path}`), 'GET /openapi.json'];
  const repository = { paths, routes, scripts: Object.keys(scripts) };
  const faults = findDocumentFaults(documents, repository);
  return { isGood: faults.length === 0, output: faults.join('\n') };
};

const checkPromises = async (): Promise<Outcome> => {
  const faults = findPromiseFaults(await readTests());
  return { isGood: faults.length === 0, output: faults.join('\n') };
};

const steps = {
  'lock file': checkLock,
  'format and lint': tool('@biomejs/biome/bin/biome', 'check', '.'),
  types: tool('typescript/bin/tsc', '-p', '.'),
  'import arrows': checkArrows,
  documents: checkDocuments,
  promises: checkPromises,
  'unused code': tool('knip/bin/knip.js', '--no-progress'),
  'page of errors': tool('../scripts/make-error-docs.ts', '--check'),
  'page of promises': tool('../scripts/make-promise-docs.ts', '--check'),
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
