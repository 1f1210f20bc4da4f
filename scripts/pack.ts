// Makes the npm package that is published: `npm run pack [-- FOLDER]` leaves headrace-<version>.tgz in FOLDER (dist).
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

type Manifest = {
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const target = resolve(process.argv[2] ?? 'dist');
const staging = join(target, 'package');

const readManifest = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));

/** Bundles our own sources, everything from npm left outside, and tells which packages those are. */
const bundle = async (): Promise<string[]> => {
  const { metafile } = await build({
    entryPoints: {
      headrace: 'scripts/headrace-bin.mjs',
      cli: 'packages/cli/src/main.ts',
      server: 'packages/server/src/main.ts',
      'salesforce-emulator': 'packages/salesforce-emulator/src/main.ts',
    },
    outdir: join(staging, 'dist'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    packages: 'external',
    alias: { '@headrace/core': resolve('packages/core/src/index.ts') },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.flatMap(({ path, external }) => (external === true ? [path] : [])),
  );
  const names = imported.flatMap((path) => /^(?!node:)(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(names)].sort();
};

const workspaces = ['cli', 'core', 'salesforce-emulator', 'server'].map((name) => `packages/${name}`);

/** The exact versions that our own tests ran with. */
const readVersions = async (names: readonly string[]): Promise<Record<string, string>> => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const versions = names.map((name) => {
    const folders = ['', ...workspaces.map((workspace) => `${workspace}/`)];
    const found = folders.flatMap((folder) => packages[`${folder}node_modules/${name}`]?.version ?? []);
    const [version] = found;
    if (new Set(found).size === 1) return [name, version];
    throw new Error(
      `The bundle imports ${name}, and package-lock.json has ${found.join(' and ') || 'none'} of it.`,
    );
  });
  return Object.fromEntries(versions);
};

await rm(staging, { recursive: true, force: true });
await mkdir(staging, { recursive: true });
const root = await readManifest('.');
const server = await readManifest('packages/server');
const manifest = {
  name: 'headrace',
  version: root.version,
  description: root.description,
  license: root.license,
  type: 'module',
  bin: { headrace: 'dist/headrace.js', 'headrace-salesforce-emulator': 'dist/salesforce-emulator.js' },
  files: ['dist', 'migrations', 'examples'],
  engines: { node: '>=20' },
  dependencies: await readVersions(await bundle()),
  optionalDependencies: { ...server.optionalDependencies, ...root.optionalDependencies },
};
await writeFile(join(staging, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
await cp('packages/server/migrations', join(staging, 'migrations'), { recursive: true });
for (const name of ['examples', 'LICENSE', 'README.md', 'CHANGELOG.md']) {
  await cp(name, join(staging, name), { recursive: true }).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
const options = { stdio: 'inherit', shell: process.platform === 'win32' } as const;
const { status } = spawnSync('npm', ['pack', staging, '--pack-destination', target, '--silent'], options);
process.exitCode = status ?? 1;
