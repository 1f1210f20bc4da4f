import { expect, test } from 'vitest';
import { createChance } from './chance.ts';
import { parseFaultOrder } from './fault-order.ts';
import { createFaults } from './fault-state.ts';
import { matchesGlob } from './glob.ts';
import { drawLatency } from './latency.ts';

const call = (path: string, method = 'GET', client = '') => ({
  method,
  path,
  client,
  object: '',
  savedRecords: 0,
});
const data = '/services/data/v67.0/limits';

test('a wrong order says which key and what was expected', () => {
  const cases: [unknown, string][] = [
    [[], 'expected a JSON object'],
    [{ rulez: [] }, 'unknown key "rulez"'],
    [{ latency_ms: -1 }, 'latency_ms'],
    [{ cut: { when: 'never' } }, 'cut.when: expected one of before_write, after_write'],
    [{ fail: { count: 1, status: 200 } }, 'fail.status'],
    [{ rules: {} }, '"rules" must be a list'],
    [{ rules: [{ fault: { kind: 'fire' } }] }, 'rules[0]: "fault.kind" must be one of latency, error'],
    [{ rules: [{ fault: { kind: '__proto__' } }] }, '"fault.kind" must be one of'],
    [{ rules: [{ fault: { kind: 'latency' } }] }, '"ms" is required'],
    [
      { rules: [{ match: { url: '/' }, fault: { kind: 'hang' } }] },
      'unknown key "url". Known keys are method',
    ],
    [{ rules: [{ probability: 2, fault: { kind: 'hang' } }] }, 'probability'],
    [{ locks: { transaction_ms: 'long' } }, 'locks.transaction_ms'],
  ];
  for (const [order, message] of cases) expect(() => parseFaultOrder(order), message).toThrow(message);
});

test('the same seed and the same calls give the same strikes; another seed gives others', () => {
  const strikes = (seed: string) => {
    const faults = createFaults();
    faults.set(parseFaultOrder({ seed, rules: [{ probability: 0.3, fault: { kind: 'cut' } }] }));
    return Array.from({ length: 200 }, () => faults.strikeCall(call(data)).fault?.kind ?? '-').join();
  };
  expect(strikes('a')).toBe(strikes('a'));
  expect(strikes('a')).not.toBe(strikes('b'));
  const share = strikes('a').split('cut').length / 200;
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.4);
});

test('a rule added behind others changes nothing about them', () => {
  const first = { probability: 0.5, fault: { kind: 'cut' } };
  const run = (rules: object[]) => {
    const faults = createFaults();
    faults.set(parseFaultOrder({ rules }));
    return Array.from({ length: 50 }, () => faults.strikeCall(call(data)).fault?.kind === 'cut');
  };
  expect(run([first, { probability: 0.5, fault: { kind: 'hang' } }])).toEqual(run([first]));
});

test('after, every and count choose the calls', () => {
  const faults = createFaults();
  faults.set(parseFaultOrder({ rules: [{ after: 2, every: 3, count: 2, fault: { kind: 'hang' } }] }));
  const struck = Array.from({ length: 12 }, () => faults.strikeCall(call(data)).fault !== undefined);
  expect(struck.flatMap((is, index) => (is ? [index] : []))).toEqual([2, 5]);
  expect(faults.progress()).toEqual([{ seen: 12, struck: 2 }]);
});

test('rules meet only the calls they name', () => {
  const strikes = (match: object, arrived: ReturnType<typeof call>) => {
    const faults = createFaults();
    faults.set(parseFaultOrder({ rules: [{ match, fault: { kind: 'hang' } }] }));
    return faults.strikeCall(arrived).fault !== undefined;
  };
  expect(strikes({}, call(data))).toBe(true);
  expect(strikes({}, call('/services/oauth2/token'))).toBe(false);
  expect(strikes({ path_prefix: '/services/oauth2' }, call('/services/oauth2/token'))).toBe(true);
  expect(strikes({ method: 'patch' }, call(data, 'PATCH'))).toBe(true);
  expect(strikes({ method: 'PATCH' }, call(data))).toBe(false);
  expect(strikes({ client: 'Head*' }, call(data, 'GET', 'Headrace/1'))).toBe(true);
  expect(strikes({ client: 'Head*' }, call(data))).toBe(false);
  expect(strikes({ path: '*/limits' }, call(data))).toBe(true);
  expect(strikes({ path: '*/query*' }, call(data))).toBe(false);
});

test('globs match in a bounded number of steps', () => {
  expect(matchesGlob('a*b*c', 'a--b--c')).toBe(true);
  expect(matchesGlob('a*b*c', 'a--b--')).toBe(false);
  expect(matchesGlob('*', '')).toBe(true);
  expect(matchesGlob('', 'x')).toBe(false);
  const started = performance.now();
  expect(matchesGlob(`${'a*'.repeat(200)}b`, 'a'.repeat(10_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('latency follows its distribution, never below zero, with its share of outliers', () => {
  const draw = (latency: object) => {
    const chance = createChance('latency');
    const [rule] = parseFaultOrder({ rules: [{ fault: { kind: 'latency', ...latency } }] }).rules;
    if (rule?.fault.kind !== 'latency') throw new Error('no latency');
    const { fault } = rule;
    return Array.from({ length: 4_000 }, () => drawLatency(fault, chance)).sort((a, b) => a - b);
  };
  const median = (values: number[]) => values[2_000] ?? Number.NaN;
  expect(new Set(draw({ ms: 70 }))).toEqual(new Set([70]));
  const uniform = draw({ distribution: 'uniform', ms: 100, max_ms: 200 });
  expect(uniform[0]).toBeGreaterThanOrEqual(100);
  expect(uniform.at(-1)).toBeLessThan(200);
  expect(median(uniform)).toBeCloseTo(150, -1);
  const normal = draw({ distribution: 'normal', ms: 100, deviation_ms: 80 });
  expect(normal[0]).toBe(0);
  expect(median(normal)).toBeCloseTo(100, -1);
  const lognormal = draw({ distribution: 'lognormal', ms: 100, sigma: 1 });
  expect(median(lognormal)).toBeCloseTo(100, -1.2);
  expect(lognormal.at(-1)).toBeGreaterThan(1_000);
  const outliers = draw({ ms: 10, outliers: { share: 0.05, ms: 5_000 } }).filter((ms) => ms === 5_000);
  expect(outliers.length / 4_000).toBeCloseTo(0.05, 1);
});
