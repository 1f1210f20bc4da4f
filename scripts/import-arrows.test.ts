import { describe, expect, test } from 'vitest';
import { findArrowFaults, roomOf } from './import-arrows.ts';

const fault = (path: string, text: string, ...targets: string[]): string[] =>
  findArrowFaults([
    { path, text },
    ...targets.map((target) => ({ path: target, text: 'export const x = 1;' })),
  ]);

const core = 'packages/core/src/index.ts';
const store = 'packages/server/src/store/database.ts';
const config = 'packages/server/src/config/config.ts';
const crm = 'packages/server/src/destinations/salesforce-crm/deliver.ts';
const delivery = 'packages/server/src/delivery/worker.ts';
const testkit = 'packages/testkit/src/index.ts';

describe('what the architecture forbids is found', () => {
  test.each([
    ['core is pure', core, "import { readFile } from 'node:fs';", []],
    [
      'core imports nothing of ours',
      core,
      "import { x } from '../../server/src/store/database.ts';",
      [store],
    ],
    [
      'delivery knows no Salesforce',
      delivery,
      "import { x } from '../destinations/salesforce-crm/deliver.ts';",
      [crm],
    ],
    ['a destination does no SQL', crm, "import { x } from '../../store/database.ts';", [store]],
    [
      'the emulator stands alone',
      'packages/salesforce-emulator/src/a.ts',
      "import { x } from '@headrace/core';",
      [core],
    ],
    [
      'no part of the emulator answers for another',
      'packages/salesforce-emulator/src/records/a.ts',
      "import { x } from '../rest/rows.ts';",
      ['packages/salesforce-emulator/src/rest/rows.ts'],
    ],
    [
      'the emulator starts without its tests',
      'packages/salesforce-emulator/src/main.ts',
      "import { x } from './testing/rest-client.ts';",
      ['packages/salesforce-emulator/src/testing/rest-client.ts'],
    ],
    [
      'the CLI goes through HTTP',
      'packages/cli/src/main.ts',
      "import { x } from '../../server/src/store/database.ts';",
      [store],
    ],
    ['store stands below the services', store, "import { x } from '../delivery/worker.ts';", [delivery]],
    ['only types come from config', delivery, "import { x } from '../config/config.ts';", [config]],
    [
      'a re-export is an import',
      delivery,
      "export { x } from '../destinations/salesforce-crm/deliver.ts';",
      [crm],
    ],
    ['so is a dynamic import', delivery, "await import('../destinations/salesforce-crm/deliver.ts');", [crm]],
    ['testkit is for tests', delivery, "import { x } from '@headrace/testkit';", [testkit]],
    ['a default export has no name', store, 'export default 1;', []],
    [
      'a folder outside the layout',
      'packages/server/src/helpers/a.ts',
      "import { x } from '@headrace/core';",
      [core],
    ],
    ['a file that is not there', store, "import { x } from './missing.ts';", []],
  ])('%s', (_, path, text, targets) => {
    expect(fault(path, text, ...targets)).toHaveLength(1);
  });

  test('cycles', () => {
    const [a, b] = ['packages/core/src/a.ts', 'packages/core/src/b.ts'];
    const files = [
      { path: a, text: "import { b } from './b.ts'; export const a = b;" },
      { path: b, text: "import { a } from './a.ts'; export const b = a;" },
    ];
    expect(findArrowFaults(files)).toEqual([`cycle: ${a} → ${b} → ${a}`]);
  });
});

describe('what the architecture allows passes', () => {
  test.each([
    ['services use store and core', delivery, "import { x } from '../store/database.ts';", [store]],
    ['types of the configuration', delivery, "import type { x } from '../config/config.ts';", [config]],
    [
      'main sees everything',
      'packages/server/src/main.ts',
      "import { x } from './destinations/salesforce-crm/deliver.ts';",
      [crm],
    ],
    [
      'a test sees everything',
      'packages/server/src/delivery/a.pg.test.ts',
      "import { x } from '@headrace/testkit';",
      [testkit],
    ],
    [
      'so does what tests share',
      'packages/server/src/delivery/a.fixture.ts',
      "import { x } from '@headrace/testkit';",
      [testkit],
    ],
    ['libraries', store, "import pg from 'pg'; import { join } from 'node:path';", []],
  ])('%s', (_, path, text, targets) => {
    expect(fault(path, text, ...targets)).toEqual([]);
  });
});

test('every destination is a room of its own', () => {
  expect(roomOf(crm)).toBe('server/destinations/salesforce-crm');
  expect(
    fault(
      'packages/server/src/destinations/webhook/a.ts',
      "import { x } from '../salesforce-crm/deliver.ts';",
      crm,
    ),
  ).toHaveLength(1);
});

test('what destinations share of HTTP is theirs alone', () => {
  const shared = 'packages/server/src/destinations/http/exchange.ts';
  expect(fault(crm, "import { x } from '../http/exchange.ts';", shared)).toEqual([]);
  expect(fault(delivery, "import { x } from '../destinations/http/exchange.ts';", shared)).toHaveLength(1);
  expect(fault(shared, "import { x } from '../salesforce-crm/deliver.ts';", crm)).toHaveLength(1);
});
