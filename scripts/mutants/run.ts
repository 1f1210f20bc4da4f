// `npm run test:mutants [-- WORDS]`: takes guards out of a copy of the code, one at a time; each time a test must fail.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutants } from './list.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2).join(' ').toLowerCase();
const chosen = mutants.filter(({ name }) => name.toLowerCase().includes(words));

const copy = await mkdtemp(join(tmpdir(), 'headrace-mutants-'));
try {
  await makeCopy();
  const survivors: string[] = [];
  if (!(await passes([...new Set(chosen.flatMap(({ tests }) => tests))])))
    throw new Error('The tests fail without any mutant.');
  for (const [at, mutant] of chosen.entries()) {
    const isSeen = await isNoticed(mutant);
    if (!isSeen) survivors.push(mutant.name);
    console.log(
      `${at + 1}/${chosen.length} ${isSeen ? 'noticed ' : 'SURVIVED'} promise ${mutant.promise}: ${mutant.name}`,
    );
  }
  if (survivors.length > 0) {
    console.error(`${survivors.length} of ${chosen.length} mutants survived.`);
    process.exitCode = 1;
  } else console.log(`All ${chosen.length} mutants are noticed.`);
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function isNoticed({ file, code, without, tests, name }: Mutant): Promise<boolean> {
  const path = join(copy, file);
  const text = await readFile(path, 'utf8');
  if (text.split(code).length !== 2) throw new Error(`"${name}": its code does not stand once in ${file}.`);
  await writeFile(
    path,
    text.replace(code, () => without),
  );
  try {
    for (const test of tests) if (!(await passes([test]))) return true;
    return false;
  } finally {
    await writeFile(path, text);
  }
}

function passes(tests: readonly string[]): Promise<boolean> {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--bail=1', ...tests];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** The packages themselves, with the dependencies of this repository. */
async function makeCopy(): Promise<void> {
  for (const name of ['packages', 'e2e', 'vitest.config.ts', 'tsconfig.json', 'package.json'])
    await cp(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.split('/').includes('node_modules'),
    });
  const modules = join(copy, 'node_modules');
  await mkdir(join(modules, '@headrace'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@headrace') await symlink(join(root, 'node_modules', name), join(modules, name));
  for (const name of await readdir(join(copy, 'packages')))
    await symlink(join(copy, 'packages', name), join(modules, '@headrace', name));
}
