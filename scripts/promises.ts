import { basename } from 'node:path/posix';
import type { SourceFile } from './import-arrows.ts';

/** What Headrace promises, and what in the code keeps it. */
export const promises = [
  ['No loss', 'answers after the commit; file on disk before 202; checkpoint with the rows; rows stay due'],
  ['Convergence', 'level-triggered delivery, retries with backoff, stopped dataflows probe'],
  ['One record', 'match claims, in-flight marks before sending, quarantine and reading back'],
  [
    'No stale value',
    'sequence numbers; what was sent is forgotten when a write starts; no request leaves behind its deadline',
  ],
  [
    'Budget',
    'a durable ledger for each org, every call reserved before it is made; lanes are paced by what it has left',
  ],
  [
    'One meaning',
    'one compiled predicate for streams, population and time; every time-dependent part says until when it holds',
  ],
  ['Order does not matter', 'stamps with a total order; merging as a function of a set'],
  [
    'Nothing against policy',
    'consent decided from the document read in the claiming transaction; no merge policy loses an opt-out',
  ],
  ['Secrets stay', 'sealed at rest, never answered; errors are logged without rows or values'],
  ['Numbers add up', 'counters in the transactions that change the rows, checked by a constraint'],
  ['Clear errors', 'one error class, one table; bad records fail alone'],
] as const;

/** A test that names a promise: `promise 3: …`, `promises 2, 3 and 10: …`. */
type PromiseTest = { readonly promise: number; readonly path: string; readonly title: string };

/** `docs/promises.md`: each promise, what keeps it, and the tests that name it. */
export function promiseDocs(tests: readonly SourceFile[]): string {
  const named = Map.groupBy(tests.flatMap(testsIn), ({ promise }) => promise);
  const sections = promises.flatMap(([name, keptBy], index) => {
    const byFile = Map.groupBy(named.get(index + 1) ?? [], ({ path }) => path);
    return [
      `## ${index + 1}. ${name}`,
      '',
      `Kept by ${keptBy}.`,
      '',
      ...[...byFile].flatMap(([path, ofFile]) => [
        `- [${basename(path)}](../${path})`,
        ...ofFile.map(({ title }) => `  - ${title}`),
      ]),
      '',
    ];
  });
  return [
    '# Promises and their tests',
    '',
    'Made from the names of tests by `node scripts/make-promise-docs.ts`; do not edit. A test that keeps a promise is named',
    'for it: `promise 3: …`. In a name, `%s` and its like stand for each case of a table.',
    '',
    ...sections,
  ].join('\n');
}

/** Promises that no test names, and names of promises that there are none of. */
export function findPromiseFaults(tests: readonly SourceFile[]): readonly string[] {
  const named = tests.flatMap(testsIn);
  const known = promises.map((_, index) => index + 1);
  return [
    ...known
      .filter((promise) => !named.some((test) => test.promise === promise))
      .map((promise) => `no test names promise ${promise}`),
    ...named
      .filter(({ promise }) => !known.includes(promise))
      .map(({ promise, path }) => `${path} names promise ${promise}, which there is not`),
  ];
}

const namePattern = /(['"`])promises? (\d+(?:(?:, | and )\d+)*): ((?:(?!\1)[^\\\n]|\\.)+)\1/g;

const testsIn = ({ path, text }: SourceFile): readonly PromiseTest[] =>
  [...text.matchAll(namePattern)].flatMap(([, , list = '', title = '']) =>
    (list.match(/\d+/g) ?? []).map((promise) => ({
      promise: Number(promise),
      path,
      title: title.replaceAll(/\\(.)/g, '$1').replaceAll(/[|<>*_]/g, '\\$&'),
    })),
  );
