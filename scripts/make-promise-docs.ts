import { glob, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promiseDocs } from './promises.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files of tests by their paths, in order. */
export async function readTests(): Promise<{ readonly path: string; readonly text: string }[]> {
  const paths = await Array.fromAsync(glob('{packages/*/src,e2e}/**/*.test.ts', { cwd: root }));
  return Promise.all(
    paths
      .map((path) => path.replaceAll('\\', '/'))
      .sort()
      .map(async (path) => ({ path, text: await readFile(`${root}/${path}`, 'utf8') })),
  );
}

const file = new URL('../docs/promises.md', import.meta.url);
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = promiseDocs(await readTests());
  if (!process.argv.includes('--check')) await writeFile(file, made);
  else if ((await readFile(file, 'utf8')) !== made) {
    process.stderr.write('docs/promises.md is stale. Run: npm exec -- node scripts/make-promise-docs.ts\n');
    process.exitCode = 1;
  }
}
