import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
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

/** A package from npm that a file of ours imports. */
type Import = { readonly importer: string; readonly name: string };

/** Bundles our own sources, everything from npm left outside, and tells which packages those are. */
const bundle = async (
  entryPoints: Readonly<Record<string, string>>,
  outdir: string,
): Promise<readonly Import[]> => {
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
  const imported = Object.entries(metafile.inputs).flatMap(([importer, { imports }]) =>
    imports.flatMap(({ path, external }) => {
      const name = external === true ? /^(?!node:|<)(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] : undefined;
      return name === undefined || isBuiltin(name) ? [] : [{ importer, name }];
    }),
  );
  return imported.sort((left, right) => (left.name < right.name ? -1 : 1));
};

/** The exact versions that our own tests ran with: for each import the one that its file finds. */
const readVersions = async (imports: readonly Import[]): Promise<Record<string, string>> => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const versions: Record<string, string> = {};
  for (const { importer, name } of imports) {
    const [workspace = ''] = /^packages\/[^/]+\//.exec(importer) ?? [];
    const found = packages[`${workspace}node_modules/${name}`] ?? packages[`node_modules/${name}`];
    const version: string = found?.version ?? 'none';
    if (version === 'none' || (versions[name] ?? version) !== version)
      throw new Error(
        `The bundle imports ${name}, and package-lock.json has ${version} of it and ${versions[name]}.`,
      );
    versions[name] = version;
  }
  return versions;
};
