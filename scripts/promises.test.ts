import { expect, test } from 'vitest';
import { findPromiseFaults, promiseDocs, promises } from './promises.ts';

const tests = [
  { path: 'packages/x/src/a.test.ts', text: "test('promises 1 and 2: it\\'s %s', …); test(`it works`, …)" },
  { path: 'e2e/b.e2e.test.ts', text: 'test("promise 1: whatever comes", …)' },
];

test('tests that name a promise stand under it, with their file', () => {
  const [, first = '', second = ''] = promiseDocs(tests).split(/^## \d+\. .*$/m);
  expect(first).toContain("- [a.test.ts](../packages/x/src/a.test.ts)\n  - it's %s\n");
  expect(first).toContain('- [b.e2e.test.ts](../e2e/b.e2e.test.ts)\n  - whatever comes\n');
  expect(second).toContain("it's %s");
  expect(second).not.toContain('whatever comes');
});

test('a promise without a test, and one that there is not, are told', () => {
  const all = promises.map((_, index) => ({
    path: `${index}.test.ts`,
    text: `test('promise ${index + 1}: …')`,
  }));
  expect(findPromiseFaults(all)).toEqual([]);
  const one = { path: 'c.test.ts', text: "test('promise 12: …')" };
  expect(findPromiseFaults([...all.slice(1), one])).toEqual([
    'no test names promise 1',
    'c.test.ts names promise 12, which there is not',
  ]);
});
