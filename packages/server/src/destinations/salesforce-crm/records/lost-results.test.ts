import type { DeliveryOutcome } from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { CallSize } from '../call-size.ts';
import { batchOf, people, person } from '../crm-org.fixture.ts';
import type { ApiCall } from '../salesforce-client.ts';
import { deliverRecords } from './deliver-records.ts';

/* Answers that no org should give: what they leave open must stay open, and nothing more. */

const written = (at: number) => ({
  id: `003${String(at).padStart(12, '0')}AAA`,
  success: true,
  errors: [],
  created: true,
});
const refused = (statusCode: string) => ({
  success: false,
  errors: [{ statusCode, message: '', fields: [] }],
});

/** Delivers to an org that answers each call in turn. */
async function deliver(count: number, ...answers: readonly unknown[]) {
  const calls: ApiCall[] = [];
  const outcomes = await deliverRecords(
    batchOf('create', people(count)),
    async () => ({ byName: new Map() }),
    async (call) => {
      calls.push(call);
      return answers[calls.length - 1];
    },
    new CallSize(() => new Date()),
  );
  return { outcomes, calls };
}
const kinds = (outcomes: readonly DeliveryOutcome[]): string[] => [
  ...new Set(
    outcomes.map((outcome) =>
      outcome.kind !== 'failed' ? outcome.kind : outcome.unknown === true ? 'unknown' : outcome.code,
    ),
  ),
];

test.each([
  ['null', null],
  ['no outcome', {}],
  ['no id', { success: true }],
  ['a malformed id', { ...written(1), id: '../x' }],
])('promise 3: a result of %s leaves this record open, and no other', async (_what, result) => {
  const { outcomes } = await deliver(3, [written(0), result, refused('STRING_TOO_LONG')]);
  expect(outcomes).toMatchObject([
    { kind: 'activated', created: true },
    { kind: 'failed', code: 'destination_outcome_unknown', unknown: true },
    { kind: 'failed', code: 'STRING_TOO_LONG', retryable: false },
  ]);
});

test.each([
  ['no list', { ok: true }],
  ['fewer results', [written(0)]],
  ['more results', [written(0), written(1), written(2)]],
  ['nothing', [null, null]],
  ['text', 'x'],
])('promise 3: %s leaves everything open', async (_what, answer) => {
  await expect(deliver(2, answer)).rejects.toMatchObject({ code: 'destination_outcome_unknown' });
});

test('promise 3: results of other records leave everything open', async () => {
  const items = [0, 1].map((at) => person(at, { recordId: written(at).id }));
  const swapped = deliverRecords(
    batchOf('update', items),
    async () => ({ byName: new Map() }),
    async () => [written(1), written(0)],
    new CallSize(() => new Date()),
  );
  await expect(swapped).rejects.toMatchObject({ code: 'destination_outcome_unknown' });
});

test('what all are refused for is one error; what some are is theirs', async () => {
  const hidden = refused('INVALID_FIELD_FOR_INSERT_UPDATE');
  await expect(deliver(2, [hidden, hidden])).rejects.toMatchObject({ code: 'destination_misconfigured' });
  const { outcomes } = await deliver(2, [written(0), hidden]);
  expect(outcomes).toMatchObject([{ kind: 'activated' }, { kind: 'failed', retryable: false }]);
});

describe('promise 3: of the parts of a Composite', () => {
  const results = (from: number) => Array.from({ length: 200 }, (_, at) => written(from + at));
  const part = (referenceId: string, httpStatusCode: number, body: unknown) => ({
    referenceId,
    httpStatusCode,
    body,
    httpHeaders: {},
  });
  const composite = (...parts: readonly unknown[]) => ({ compositeResponse: parts });
  const error = (errorCode: string) => [{ errorCode, message: 'm' }];
  const first = part('p0', 200, results(0));

  test.each([
    ['one that is missing is open', [], 'unknown'],
    ['one that failed in the org is open', [part('p1', 500, error('UNKNOWN_EXCEPTION'))], 'unknown'],
    ['one of too few results is open', [part('p1', 200, results(1).slice(1))], 'unknown'],
    [
      'one that was refused is tried again',
      [part('p1', 400, error('SOMETHING'))],
      'destination_request_rejected',
    ],
    [
      'one that met the limit is tried again',
      [part('p1', 403, error('REQUEST_LIMIT_EXCEEDED'))],
      'destination_rate_limited',
    ],
  ])('%s', async (_what, others, expected) => {
    const { outcomes } = await deliver(400, composite(first, ...others));
    expect(kinds(outcomes.slice(0, 200))).toEqual(['activated']);
    expect(kinds(outcomes.slice(200))).toEqual([expected]);
    expect(outcomes[399]).toMatchObject({ retryable: true });
  });

  test('parts in another order are told apart by their names', async () => {
    const { outcomes } = await deliver(400, composite(part('p1', 200, results(200)), first));
    expect(outcomes.map((outcome) => outcome.kind === 'activated' && outcome.recordId)).toEqual(
      [...results(0), ...results(200)].map(({ id }) => id),
    );
  });

  test('one that was too large to begin is halved', async () => {
    const tooLarge = composite({ ...part('', 400, error('LIMIT_EXCEEDED')), referenceId: null });
    const { outcomes, calls } = await deliver(400, tooLarge, results(0), results(200));
    expect(kinds(outcomes)).toEqual(['activated']);
    expect(calls.map(({ path }) => path)).toEqual([
      '/composite',
      '/composite/sobjects/Contact/Email',
      '/composite/sobjects/Contact/Email',
    ]);
  });

  test('with every part refused it is an error of the whole', async () => {
    const all = ['p0', 'p1'].map((name) => part(name, 403, error('REQUEST_LIMIT_EXCEEDED')));
    await expect(deliver(400, composite(...all))).rejects.toMatchObject({ code: 'destination_rate_limited' });
  });
});

test.each([
  ['the same key twice', batchOf('create', [person(1), person(1)])],
  ['an update without an id', batchOf('update', [person(1)])],
  ['no record', batchOf('create', [])],
  ['too many', batchOf('create', people(1_001))],
  ['another object', batchOf('create', [person(1)], {}, 'User')],
])('%s is the mistake of the caller', async (_what, wrong) => {
  const delivered = deliverRecords(
    wrong,
    async () => ({ byName: new Map() }),
    async () => [],
    new CallSize(() => new Date()),
  );
  await expect(delivered).rejects.toMatchObject({ code: 'internal' });
});
