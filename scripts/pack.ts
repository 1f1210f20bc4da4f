// Makes the npm packages that are published: `npm run pack [-- FOLDER]` leaves headrace-<version>.tgz and
// headrace-salesforce-emulator-<version>.tgz in FOLDER (dist).
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { bundlePackage, readManifest } from './bundle-package.ts';

const target = resolve(process.argv[2] ?? 'dist');
const emulatorMain = 'packages/salesforce-emulator/src/main.ts';
const emulatorCommand = { 'headrace-salesforce-emulator': 'dist/salesforce-emulator-bin.js' };
const engines = { node: '>=20' };

const root = await readManifest('.');
const server = await readManifest('packages/server');
await bundlePackage(target, 'package', {
  manifest: {
    name: 'headrace',
    version: root.version,
    description: root.description,
    license: root.license,
    type: 'module',
    bin: { headrace: 'dist/headrace.js', ...emulatorCommand },
    files: ['dist', 'migrations', 'examples'],
    engines,
    optionalDependencies: { ...server.optionalDependencies, ...root.optionalDependencies },
  },
  entryPoints: {
    headrace: 'scripts/headrace-bin.mjs',
    cli: 'packages/cli/src/main.ts',
    server: 'packages/server/src/main.ts',
    'salesforce-emulator-bin': 'scripts/salesforce-emulator-bin.mjs',
    'salesforce-emulator': emulatorMain,
  },
  extras: {
    migrations: 'packages/server/migrations',
    examples: 'examples',
    LICENSE: 'LICENSE',
    'README.md': 'README.md',
    'CHANGELOG.md': 'CHANGELOG.md',
  },
});

const types = join(target, 'salesforce-emulator-types');
const declarations = ['-p', 'packages/salesforce-emulator/tsconfig.types.json', '--outDir', types];
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', ...declarations], {
  stdio: 'inherit',
});
if (status !== 0) throw new Error(`tsc ended with ${status}.`);
const emulator = await readManifest('packages/salesforce-emulator');
await bundlePackage(target, 'salesforce-emulator', {
  manifest: {
    name: emulator.name,
    version: emulator.version,
    description: emulator.description,
    license: emulator.license,
    type: 'module',
    bin: emulatorCommand,
    exports: { '.': { types: './types/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'types', 'docs', 'examples'],
    engines,
    optionalDependencies: root.optionalDependencies,
  },
  entryPoints: {
    'salesforce-emulator-bin': 'scripts/salesforce-emulator-bin.mjs',
    'salesforce-emulator': emulatorMain,
    index: 'packages/salesforce-emulator/src/index.ts',
  },
  extras: {
    types,
    docs: 'packages/salesforce-emulator/docs',
    examples: 'packages/salesforce-emulator/examples',
    LICENSE: 'LICENSE',
    'README.md': 'packages/salesforce-emulator/README.md',
  },
});
