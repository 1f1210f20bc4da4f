import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadraceError } from '../../errors/headrace-error.ts';
import { clockAt, compileSegmentRule } from '../segment-rule.ts';
import type { Subject } from '../subject.ts';
import { parseSegmentRule } from './parse.ts';
import { printSegmentRule } from './print.ts';

/*
 * Whatever stands in a rule's text: a tree or an error with a position inside the text, and soon. Repeat a run with
 * HEADRACE_FUZZ_SEED, lengthen it with HEADRACE_FUZZ_SECONDS (per kind of text).
 */

const seed = Number(process.env.HEADRACE_FUZZ_SEED ?? Date.now() % 2 ** 31);
const seconds = Number(process.env.HEADRACE_FUZZ_SECONDS ?? 4);
/** Longest time one text may take, with room for a busy machine; what hangs takes for ever. */
const maxMilliseconds = 2_000;

/** Rules that are right, of the tests and of the document. */
function knownRules(): readonly string[] {
  const segment = new URL('..', import.meta.url);
  const tests = readdirSync(segment, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') || name.endsWith('.jsonl'))
    .map((name) => readFileSync(new URL(name, segment), 'utf8'));
  const manual = readFileSync(new URL('../../../../../docs/pql.md', import.meta.url), 'utf8');
  const quoted = tests.flatMap((source) =>
    [...source.matchAll(/'([^'\\\n]{4,400})'/g)].map(([, rule]) => rule ?? ''),
  );
  const blocks = [...manual.matchAll(/```pql\n([^`]*)```/g)].flatMap(([, block]) =>
    (block ?? '').split('\n\n'),
  );
  return [...forms, ...blocks, ...quoted].filter((rule) => outcome(rule).tree !== undefined);
}

const forms = [
  'select E from xEvent where E.eventType="x"',
  'sum X.a over X from xEvent where X.b > 3',
  'xEvent[timestamp occurs < 7 days before now].sum(a.b) > 100',
  'CHAIN(xEvent, timestamp, [C0: WHAT(eventType.equals("a",false)) WHEN(today), C1: not WHAT(a = 1) COUNT(>= 2) WHEN(<= 24 hours after C0)])',
  'xEvent[productListItems[SKU="PS" or ^^.person.gender="female"]]',
  'exists E from xEvent where E.p>50, I from E.productListItems where I.SKU="PS"',
  'forall E from xEvent : E.p>50',
  'let S = (xEvent.sum(a)) in (S>100 and S<1000)',
  'orders.groupBy(storeId).map((K, G) => mapEntry(K, G.topN(price, 3).head().price))',
  't occurs between date(2015,1,8) and 3 days before now or t occurs last week',
];

const now = new Date('2026-03-31T12:00:00Z');
const person: Subject = {
  document: {
    a: 1,
    b: ['x', 2, null],
    orders: [{ price: 3, storeId: 's' }, { price: null }],
    t: '2026-03-30',
  },
  events: [
    { _id: '1', timestamp: '2026-03-31T11:00:00Z', eventType: 'x', a: 1, items: [{ SKU: 'x' }] },
    { _id: '2', timestamp: '2026-03-01T11:00:00Z', eventType: 'y' },
  ],
  segments: new Set(['id']),
};

function outcome(text: string): { readonly tree?: ReturnType<typeof parseSegmentRule> } {
  const started = performance.now();
  try {
    const tree = parseSegmentRule(text);
    compile(text);
    return { tree };
  } catch (error) {
    checkError(error, text);
    return {};
  } finally {
    expect(performance.now() - started, text).toBeLessThan(maxMilliseconds);
  }
}

function compile(text: string): void {
  try {
    const rule = compileSegmentRule(text, undefined);
    expect(rule.describe()).not.toContain('[object');
    expect(rule.evaluate(person, clockAt(now))).toBeTypeOf('boolean');
  } catch (error) {
    checkError(error, text);
  }
}

function checkError(error: unknown, text: string): void {
  if (!(error instanceof HeadraceError)) throw error;
  expect(error.code).toBe('invalid_input');
  expect(error.details.length).toBeGreaterThan(0);
  for (const { position } of error.details) {
    expect(position).toBeGreaterThanOrEqual(0);
    expect(position).toBeLessThanOrEqual(text.length);
  }
}

const withoutSpans = (node: unknown): unknown =>
  JSON.parse(
    JSON.stringify(node, (key, value: unknown) => (key === 'span' || key === 'nameSpan' ? undefined : value)),
  );

const known = knownRules();
const words = [...new Set(known.flatMap((rule) => rule.match(/\w+|"[^"]*"|\s+|[^\w\s"]+/g) ?? []))];
const mutation = fc.record({
  rule: fc.constantFrom(...known),
  edits: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(12),
      insert: fc.oneof(fc.constant(''), fc.constantFrom(...words), fc.constantFrom(...known), fc.string()),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
const mutated = mutation.map(({ rule, edits }) =>
  edits.reduce((text, { at, remove, insert }) => {
    const from = Math.floor(at * text.length);
    return text.slice(0, from) + insert + text.slice(from + remove);
  }, rule),
);
const repeated = fc
  .tuple(
    fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: 2_000 }),
  )
  .map(([parts, times]) => parts.join(' ').repeat(times).slice(0, 10_001));

describe('any text is a rule or an error inside it, soon', () => {
  test.each([
    ['characters', fc.string({ unit: 'binary', maxLength: 200 })],
    ['words', fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(' '))],
    ['rules with mutations', mutated],
    ['repetitions', repeated],
  ])(
    '%s',
    (_kind, texts) => {
      fc.assert(
        fc.property(texts, (text) => {
          const { tree } = outcome(text);
          // Longer ones may pass a limit by the brackets that their canonical text adds.
          if (tree !== undefined && text.length <= 300)
            expect(withoutSpans(parseSegmentRule(printSegmentRule(tree))), text).toEqual(withoutSpans(tree));
        }),
        { seed, numRuns: 1e9, interruptAfterTimeLimit: seconds * 1_000, markInterruptAsFailure: false },
      );
    },
    (seconds + 20) * 1_000,
  );

  test('from rules that are right', () => {
    expect(known).toEqual(expect.arrayContaining(forms));
    expect(known.length).toBeGreaterThan(100);
  });
});
