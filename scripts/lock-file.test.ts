import { expect, test } from 'vitest';
import { findDownloadAddresses, findMissingEntries } from './lock-file.ts';

test('optional packages of other platforms that the lock lacks are found, with what their name says', () => {
  const packages = {
    'node_modules/tool': {
      dev: true,
      optionalDependencies: {
        '@t/linux-arm64-musl': '1.2.3',
        '@t/win32-x64': '1.2.3',
        '@t/ranged': '^1.0.0',
      },
    },
    'node_modules/@t/win32-x64': { version: '1.2.3' },
  };
  expect(findMissingEntries(packages)).toEqual({
    'node_modules/@t/linux-arm64-musl': {
      version: '1.2.3',
      cpu: ['arm64'],
      libc: ['musl'],
      os: ['linux'],
      dev: true,
      optional: true,
    },
  });
});

test('a package nested under its dependent, or beside a parent of it, is not missing', () => {
  const packages = {
    'node_modules/a/node_modules/tool': { optionalDependencies: { x: '1.0.0', y: '1.0.0' } },
    'node_modules/a/node_modules/tool/node_modules/x': { version: '1.0.0' },
    'node_modules/a/node_modules/y': { version: '1.0.0' },
  };
  expect(findMissingEntries(packages)).toEqual({});
});

test('download addresses are found, links of workspaces are none', () => {
  const packages = {
    'node_modules/a': { resolved: 'https://registry.example/a.tgz' },
    'node_modules/@headrace/core': { resolved: 'packages/core', link: true },
  };
  expect(findDownloadAddresses(packages)).toEqual(['node_modules/a']);
});
