import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** What a package.json of ours says that a published one says too. */
export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

/** A package to publish: its manifest, bundles by name, and files or folders put beside them. */
export type PackagePlan = {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly entryPoints: Readonly<Record<string, string>>;
  /** Path in the package → path in the repository; what is missing there is left out. */
  readonly extras: Readonly<Record<string, string>>;
};

export const readManifest = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));

/** Puts a package together in `target/<folder>` and packs it into `target`. Throws when npm does not pack it. */
export const bundlePackage = async (target: string, folder: string, plan: PackagePlan): Promise<void> => {
  const staging = join(target, folder);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const dependencies = await readVersions(await bundle(plan.entryPoints, join(staging, 'dist')));
  const manifest = { ...plan.manifest, dependencies };
  await writeFile(join(staging, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const [to, from] of Object.entries(plan.extras)) {
    await cp(from, join(staging, to), { recursive: true }).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  const options = { stdio: 'inherit', shell: process.platform === 'win32' } as const;
  const { status } = spawnSync('npm', ['pack', staging, '--pack-destination', target, '--silent'], options);
  if (status !== 0) throw new Error(`npm pack ${staging} ended with ${status}.`);
};

/** Bundles our own sources, everything from npm left outside, and tells which packages those are. */
const bundle = async (
  entryPoints: Readonly<Record<string, string>>,
  outdir: string,
): Promise<readonly string[]> => {
  const { metafile } = await build({
    entryPoints,
    outdir,
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
