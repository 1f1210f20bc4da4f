import { basename } from 'node:path/posix';
import type { SourceFile } from './import-arrows.ts';

/**
 * Holds the table of promises in `docs/architecture.md` to the tests: a file stands in the row of a promise if, and only
 * if, a test in it names that promise (`promise 3: …`, `promises 2, 3 and 10: …`).
 *
 * @param architecture the text of the document
 * @param tests files of tests
 * @returns one line per fault; none when all is well
 */
export const findPromiseFaults = (architecture: string, tests: readonly SourceFile[]): readonly string[] => {
  const told = new Map(
    [...architecture.matchAll(/^\| (\d+) .*\|$/gm)].map(([row, promise = '']) => [
      promise,
      new Set([...row.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, name = '']) => basename(name))),
    ]),
  );
  const kept = Map.groupBy(
    tests.flatMap(({ path, text }) => promisesIn(text).map((promise) => ({ promise, name: basename(path) }))),
    ({ promise }) => promise,
  );
  return [...new Set([...told.keys(), ...kept.keys()])].flatMap((promise) => {
    const inTable = told.get(promise) ?? new Set<string>();
    const inTests = new Set(kept.get(promise)?.map(({ name }) => name));
    return [
      ...[...inTable]
        .filter((name) => !inTests.has(name))
        .map((name) => `no test in ${name} names promise ${promise}`),
      ...[...inTests]
        .filter((name) => !inTable.has(name))
        .map((name) => `the row of promise ${promise} lacks ${name}`),
    ];
  });
};

const promisesIn = (text: string): readonly string[] => [
  ...new Set(
    [...text.matchAll(/\bpromises? (\d+(?:(?:, | and )\d+)*)/g)].flatMap(
      ([, list = '']) => list.match(/\d+/g) ?? [],
    ),
  ),
];
