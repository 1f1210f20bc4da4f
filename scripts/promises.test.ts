import { expect, test } from 'vitest';
import { findPromiseFaults } from './promises.ts';

const table = `
| Promise | Kept by | Tested in |
|---|---|---|
| 1 No loss | answers after the commit | \`a.test.ts\`, \`e2e/b.e2e.test.ts\` |
| 2 Convergence | retries | \`a.test.ts\` |
`;

test('the table of promises says what tests say', () => {
  const tests = [
    { path: 'packages/x/src/a.test.ts', text: "test('promises 1 and 2: …')" },
    { path: 'e2e/b.e2e.test.ts', text: "test('promise 1: …')" },
  ];
  expect(findPromiseFaults(table, tests)).toEqual([]);
});

test('a file whose tests do not name the promise, and one that is not in the table, are told', () => {
  const tests = [
    { path: 'packages/x/src/a.test.ts', text: "test('promises 1, 2 and 3: …')" },
    { path: 'e2e/b.e2e.test.ts', text: "test('it works')" },
  ];
  expect(findPromiseFaults(table, tests)).toEqual([
    'no test in b.e2e.test.ts names promise 1',
    'the row of promise 3 lacks a.test.ts',
  ]);
});
