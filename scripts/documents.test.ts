import { expect, test } from 'vitest';
import { findDocumentFaults } from './documents.ts';

const repository = {
  paths: ['README.md', 'docs/a.md', 'docs/b.md', 'packages/core/src/xdm/field.ts', 'e2e/path.e2e.test.ts'],
  routes: ['GET /api/v1/things/:thing_id', 'POST /api/v1/things', 'GET /health/live'],
  scripts: ['check'],
};
const faultsIn = (text: string, path = 'docs/a.md') =>
  findDocumentFaults(
    [
      { path, text },
      { path: 'docs/b.md', text: '# B\n\n## What it is, and why\n' },
    ],
    repository,
  );

test.each([
  '[b](b.md), [all](../README.md), [here](#a), [there](b.md#what-it-is-and-why), [out](https://example.org/x)\n# A',
  '`xdm/field.ts`, `core/xdm/field.ts`, `packages/core/src/xdm/field.ts`, `path.e2e.test.ts`, `x.test.ts`',
  '`npm run check`, `npm run -s check`',
  '`GET /things/ID`, `GET /api/v1/things/{thing_id}?x=1`, `POST …/things`, curl -X POST "$A/things" and `/api/v1/things`.',
  'curl -X POST http://127.0.0.1:4400/api/v1/things; `GET /health/live`',
])('nothing is wrong with %s', (text) => expect(faultsIn(text)).toEqual([]));

test.each([
  ['[c](c.md)', 'the link c.md leads to no file'],
  ['[b](b.md#other)', 'the link b.md#other leads to no heading'],
  ['`xdm/fields.ts`', 'there is no file xdm/fields.ts'],
  ['`other.e2e.test.ts`', 'there is no file other.e2e.test.ts'],
  ['`npm run chekc`', 'there is no script chekc'],
  ['`DELETE /things/ID`', 'there is no route DELETE /things/ID'],
  ['see `/api/v1/thing`', 'there is no route /api/v1/thing'],
])('%s is told', (text, fault) => expect(faultsIn(text)).toEqual([`docs/a.md: ${fault}`]));

test('a decision may speak of what is gone, and link to what is there', () => {
  expect(faultsIn('`gone.ts` [b](../b.md) [c](c.md)', 'docs/decisions/0001.md')).toEqual([
    'docs/decisions/0001.md: the link c.md leads to no file',
  ]);
});
