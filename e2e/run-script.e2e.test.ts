import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessOptions, startProcess } from '@headrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
const lock = {
  packages: {
    '': {},
    'node_modules/tool': { version: '2.0.0' },
    'node_modules/elsewhere': { version: '1.0.0', optional: true },
  },
};
let clone: string;

// A clone in miniature, its command a program that says how it was started and how it ends.
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'headrace-clone-'));
  for (const name of ['run.mjs', 'install.mjs', 'pinned-node.mjs']) {
    await cp(join(repository, 'scripts', name), join(clone, 'scripts', name));
  }
  await writeFile(join(clone, 'package-lock.json'), JSON.stringify(lock));
  await writeFile(join(clone, 'package.json'), '{ "type": "module" }');
  await mkdir(join(clone, 'packages', 'cli', 'src'), { recursive: true });
  await writeFile(
    join(clone, 'packages', 'cli', 'src', 'main.ts'),
    `const major: number = Number(process.versions.node.split('.')[0]);
     for (const name of ['SIGINT', 'SIGTERM'] as const)
       process.on(name, () => { console.log('heard ' + name); setTimeout(() => process.exit(7), 300); });
     setInterval(() => undefined, 60_000);
     console.log(JSON.stringify({ major, args: process.argv.slice(2) }));`,
  );
});
afterEach(() => rm(clone, { recursive: true, force: true }));

const install = async (packages: object = lock.packages): Promise<void> => {
  await mkdir(join(clone, 'node_modules'), { recursive: true });
  await writeFile(join(clone, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
};

/** Stands in for npm, which is no part of what is tested: it takes its time, counts, and does what is asked. */
const fakeNpm = async (script: string): Promise<Record<string, string>> => {
  const path = join(clone, 'npm-cli.js');
  await writeFile(path, `import fs from 'node:fs'; fs.appendFileSync('npm.log', 'run\\n'); ${script}`);
  return { npm_execpath: path, npm_node_execpath: process.execPath };
};
const installing = `setTimeout(() => {
  fs.mkdirSync('node_modules');
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify(${JSON.stringify(lock)}));
}, 400);`;

const start = (options: Partial<ProcessOptions> = {}) =>
  startProcess({
    entry: join(clone, 'scripts', 'run.mjs'),
    args: ['start', '--port', '1'],
    readyLine: /\{"major".*\}/,
    ...options,
  });

const countInstalls = async (): Promise<number> =>
  (await readFile(join(clone, 'npm.log'), 'utf8').catch(() => '')).split('\n').length - 1;

test('what is installed is not installed again, and the command gets its arguments', async () => {
  await install();
  const program = await start({ env: await fakeNpm('process.exit(1);') });
  expect(JSON.parse(program.ready?.[0] ?? '')).toEqual({ major: 24, args: ['start', '--port', '1'] });
  expect(await countInstalls()).toBe(0);
});

test.each([
  ['nothing is installed', undefined],
  ['another version is', { 'node_modules/tool': { version: '1.0.0' } }],
])('npm ci runs where %s', async (_, packages) => {
  if (packages !== undefined) await install(packages);
  const env = await fakeNpm(`fs.rmSync('node_modules', { recursive: true, force: true }); ${installing}`);
  const program = await start({ env });
  expect(program.output).toContain('installing dependencies (npm ci)');
  expect(await countInstalls()).toBe(1);
});

test('of two commands that start at once, one installs and both go on', async () => {
  const env = await fakeNpm(installing);
  await Promise.all([start({ env }), start({ env })]);
  expect(await countInstalls()).toBe(1);
});

test('the lock that a killed install left is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(join(clone, '.install.lock'), String(pid));
  await start({ env: await fakeNpm(installing) });
  expect(await countInstalls()).toBe(1);
});

test('a failed install is one message and a failure', async () => {
  const env = await fakeNpm('process.exit(3);');
  const program = await start({ env, readyLine: undefined });
  expect((await program.exited).code).toBe(1);
  expect(program.output).toMatch(/npm ci failed \(exit code 3\).*run the command again/);
  expect(program.output).not.toMatch(/^\s+at /m);
});

/** The machine's own: of the npm that runs the tests, else the first on the path. */
const olderNode = process.env.npm_node_execpath ?? 'node';
const isOlder = /^v2[0-3]\./.test(spawnSync(olderNode, ['--version'], { encoding: 'utf8' }).stdout ?? '');

test.runIf(isOlder)(
  'an older Node hands over to the pinned one, each signal once, and ends as it ends',
  async () => {
    await install();
    const platform = `node-${process.platform}-${process.arch}`;
    await symlink(join(repository, 'node_modules', platform), join(clone, 'node_modules', platform));
    const program = await start({ node: olderNode });
    expect(JSON.parse(program.ready?.[0] ?? '').major).toBe(24);
    program.kill('SIGTERM');
    program.kill('SIGTERM');
    expect(await program.exited).toEqual({ code: 7, signal: null });
    expect(program.output.match(/heard SIGTERM/g)).toHaveLength(1);
  },
);

test.runIf(isOlder)('an older Node without the pinned one says what to install', async () => {
  await install();
  const program = await start({ node: olderNode, readyLine: undefined });
  expect((await program.exited).code).toBe(1);
  expect(program.output).toMatch(/needs Node 24 or newer, and the machine has v2\d/);
});
