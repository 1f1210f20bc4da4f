import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../xdm/field.ts';
import { recordLimits } from '../../xdm/json-inspection.ts';
import { compileRuleSet } from '../rule-set.ts';
import { clockAt, compileSegmentRule } from '../segment-rule.ts';
import { compileRule } from './compile.ts';
import { beginRun, holds, maxSteps } from './run.ts';

const now = new Date('2026-03-15T12:00:00Z');
const count = (length: number): number[] => Array.from({ length }, (_, index) => index);
const group = (length: number) => Object.fromEntries(count(length).map((index) => [`k${index}`, index]));
const longest = recordLimits.textLength;
const text = 'ab '.repeat(longest / 3);
const same = 'a'.repeat(longest);

/** A second, and twice as much for machines that are slower or do something else. */
const mostCpuMs = 3_000;

function run(rule: string, document: JsonObject, events: readonly JsonObject[] = []) {
  const { evaluate } = compileSegmentRule(rule, undefined);
  const clock = clockAt(now);
  const before = process.cpuUsage();
  const result = evaluate({ document, events, segments: new Set() }, clock);
  const { user, system } = process.cpuUsage(before);
  return { result, hasExceeded: clock.exceeded === true, cpuMs: (user + system) / 1_000 };
}

const three = (condition: string) => `(P) => exists A from P.l, B from P.l, C from P.l where ${condition}`;
const two = (condition: string) => `(P) => exists A from P.l, B from P.l where ${condition}`;

describe('a rule that would take longer than about a second counts as not fulfilled and says so', () => {
  const numbers = { l: count(170) };
  const tiny = { l: count(170).map((index) => 1.23456789012345e-300 * (index + 1)) };
  const far = { l: count(170).map((index) => (index % 2 ? 1.2e300 / (index + 1) : 1.2e-300 * (index + 1))) };
  const distant = {
    l: count(170).map((index) => (index % 2 ? 1.234567e-10 * (index + 1) : 1.2e45 / (index + 1))),
  };
  test.each<[string, JsonObject]>([
    [three('A = -1'), { l: count(300) }],
    [three('P.t.matches("x[ab ]*[yz]")'), { ...numbers, t: `${text.slice(0, 300)}x${text.slice(0, 60)}` }],
    [two('P.t.regexGroup("([ab ]*)[xz]", 1) = "q"'), { ...numbers, t: text }],
    [two('P.t like "%ab ab ab ab ab ab ab ab ab ac%"'), { ...numbers, t: text }],
    [three('P.t.contains("ZZ", false)'), { ...numbers, t: text }],
    [two('P.t.contains(P.u)'), { ...numbers, t: same, u: `${same.slice(0, 500)}b${same.slice(0, 500)}` }],
    [two('P.t.equals(P.u, false)'), { ...numbers, t: same, u: `${same.slice(1)}b` }],
    [two('P.t.startsWith(P.u)'), { l: count(2_200), t: same, u: `${same.slice(2)}b` }],
    [two('P.l = P.m'), { l: count(2_200), m: [...count(2_199), -1] }],
    [two('P.m = P.n'), { l: count(300), m: group(2_200), n: { ...group(2_199), k2199: -1 } }],
    [two('P.m.keys().count() = 3'), { l: count(1_000), m: group(8_000) }],
    [two('P.m.isNull()'), { l: count(1_000), m: group(8_000) }],
    [two('P.o.distinct().count() = 0'), { l: count(300), o: count(2_200).map((v) => ({ v })) }],
    [three('A * B * C / 1.7e-100 = 3.3'), tiny],
    [three('A + B + C = 3.3'), far],
    [three('A % B = 3.3'), distant],
    [two('P.l.sum() = 3.3'), far],
    [
      three(
        `${count(300)
          .map(() => 'A = -1')
          .join(' or ')}`,
      ),
      numbers,
    ],
    [three('A occurs < 3 days before now'), { l: count(170).map(() => '2020-01-01T00:00:00Z') }],
    [three('(1 month before 1 month before A) > now'), { l: count(170).map(() => '2020-01-01T00:00:00Z') }],
    [
      '(P) => let a = P.l.map((X) => P.l) in let b = P.l.map((X) => a) in let c = P.l.map((X) => b) in c = c',
      numbers,
    ],
  ])('%s', (rule, document) => {
    const { result, hasExceeded, cpuMs } = run(rule, document);
    expect(result).toBe(false);
    expect(hasExceeded).toBe(true);
    expect(cpuMs).toBeLessThan(mostCpuMs);
  });
});

describe('what a rule of ordinary length asks of the longest values is answered, soon', () => {
  test.each<[string, JsonObject, boolean]>([
    ['t.matches("[ab ]{0,100}[xz]")', { t: text }, false],
    ['t.matches("(?i)[a-z]+@[a-z]+[.]com")', { t: `${text}x@y.com` }, true],
    ['t.regexGroup("([ab ]+)(x|$)", 1).isNotNull()', { t: text }, true],
    ['t.contains("zz", false) or t.equals("zz", false)', { t: text }, false],
    [`t like "%${'a'.repeat(250)}b%"`, { t: same }, false],
    ['l.sum() = 3.3', { l: count(9_990).map((index) => index + 0.1) }, false],
    ['l.distinct().count() = 9990', { l: count(9_990) }, true],
    ['m = n', { m: group(4_900), n: group(4_900) }, true],
    ['l.b.count() = 100000', { l: [{ b: count(100_000) }] }, true],
  ])('%s', (rule, document, expected) => {
    const { result, hasExceeded, cpuMs } = run(rule, document);
    expect(hasExceeded).toBe(false);
    expect(result).toBe(expected);
    expect(cpuMs).toBeLessThan(mostCpuMs);
  });
});

test('a trace takes no more than the evaluation, and shows the beginning of what is large', () => {
  const rule = compileSegmentRule(
    '(P) => let a = P.l.map((X) => P.l) in let b = P.l.map((X) => a) in let c = P.l.map((X) => b) in c.count() = 170',
    undefined,
  );
  const before = process.cpuUsage();
  const { value, children } = rule.trace(
    { document: { l: count(170) }, events: [], segments: new Set() },
    clockAt(now),
  );
  const { user } = process.cpuUsage(before);
  expect(value).toBe(true);
  expect(JSON.stringify(children).length).toBeLessThan(2_000_000);
  expect(user / 1_000).toBeLessThan(mostCpuMs);
});

describe('lists of any length are laid out', () => {
  test('the items of groups of events', () => {
    const items = count(1_000).map((n) => ({ n }));
    const events = count(200).map((index) => ({
      _id: `e${index}`,
      timestamp: '2026-01-01T00:00:00Z',
      type: 'v',
      items,
    }));
    expect(run('xEvent.groupBy(type).values().items.n.count() > 3', {}, events).result).toBe(true);
  });

  test('values nested deeper than the stack is are beyond the bounds, and no error', () => {
    const nest = () => {
      let deep: JsonObject = { n: 1 };
      for (let level = 0; level < 50_000; level++) deep = { n: deep };
      return deep;
    };
    expect(run('a = b', { a: nest(), b: nest() })).toMatchObject({ result: false, hasExceeded: true });
  });
});

test('numbers that no double holds, as 1e400 in JSON, make what is computed with them absent', () => {
  const document = { n: Number.POSITIVE_INFINITY, l: [1.5, Number.POSITIVE_INFINITY] };
  for (const rule of ['n + 1 > 0', 'n % 2 = 0', 'l.sum() > 0', 'l.average() > 0', 'n / n = 1'])
    expect(run(rule, document).result, rule).toBe(false);
});

test('a rule takes as many steps beside others as alone', () => {
  const rule = '(forall A from p, B from q where A = 0) and r.forall($1 = 0) and x.y = 1';
  const alone = compileSegmentRule(rule, undefined);
  const set = compileRuleSet(
    ['x.y = 1 and b = 2', rule].map((text, index) => ({
      segmentId: `s${index}`,
      rule: compileSegmentRule(text, undefined),
    })),
  );
  const zeros = (length: number) => Array.from({ length }, () => 0);
  const [p, q] = [zeros(1_250), zeros(3_998)];
  const subject = (length: number) => ({
    document: { p, q, r: zeros(length), x: { y: 1 } },
    events: [],
    segments: new Set<string>(),
  });
  const counted = beginRun(subject(1_200), clockAt(now));
  expect(holds(counted, compileRule(alone.ast, alone.types))).toBe(true);
  const low = 1_200 + Math.floor((maxSteps - counted.steps) / stepsOfItem());
  const high = low + 1;
  expect(alone.evaluate(subject(low), clockAt(now))).toBe(true);
  expect(alone.evaluate(subject(high), clockAt(now))).toBe(false);
  for (const length of [low, high]) {
    const told: boolean[] = [];
    set.evaluate(subject(length), clockAt(now), (_, isMember) => told.push(isMember));
    expect(told, `${length} items`).toEqual([false, length === low]);
  }
}, 60_000);

/** What one item more takes in `forall`. */
function stepsOfItem(): number {
  const { ast, types } = compileSegmentRule('r.forall($1 = 0)', undefined);
  const [one, two] = [1, 2].map((length) => {
    const run = beginRun(
      { document: { r: count(length).map(() => 0) }, events: [], segments: new Set() },
      clockAt(now),
    );
    holds(run, compileRule(ast, types));
    return run.steps;
  });
  return (two ?? 0) - (one ?? 0);
}
