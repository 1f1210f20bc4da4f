import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
const cases = join(repository, 'packages/core/src/segment/conformance');
const folder = mkdtempSync(join(tmpdir(), 'headrace-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** As from a shell: `headrace segment test …`, its files named from where the user stands. */
function headrace(args: readonly string[], input = ''): Ended {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repository, 'packages/cli/src/main.ts'), 'segment', 'test', ...args],
    {
      cwd: folder,
      input,
      encoding: 'utf8',
      maxBuffer: 1e8,
      env: { ...process.env, INIT_CWD: folder },
    },
  );
  return { code: status, out: stdout, err: stderr };
}

function file(name: string, content: unknown): string {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

const now = '2026-03-15T12:00:00Z';
const jsonLines = (lines: string): Record<string, unknown>[] =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('one rule', () => {
  const profile = file('ann.json', {
    city: 'Bern',
    points: 3,
    segmentMembership: { ups: { s1: { status: 'realized' } } },
  });
  const events = [{ _id: '1', timestamp: '2026-03-14T00:00:00Z', eventType: 'buy' }];
  const list = file('events.json', events);
  const lines = file('events.ndjson', events.map((event) => JSON.stringify(event)).join('\n'));

  test.each([
    ['city = "Bern"', true],
    ['city = "Basel"', false],
    ['inSegment("s1")', true],
  ])('%s: exit code 0 whatever the result', (rule, result) => {
    expect(headrace(['--rule', rule, '--profile', profile, '--now', now, '--json'])).toEqual({
      code: 0,
      out: `${JSON.stringify({ result })}\n`,
      err: '',
    });
  });

  test.each([list, lines])('events from %s', (name) => {
    const rule = 'xEvent[eventType = "buy" and timestamp occurs yesterday]';
    expect(headrace(['--rule', rule, '--events', name, '--now', now, '--json']).out).toBe(
      '{"result":true}\n',
    );
  });

  test('the rule from a file, the profile from standard input, the segments named', () => {
    const rule = file('rule.pql', 'points = 4\n  and inSegment("b")\n');
    const ended = headrace(
      ['--rule-file', rule, '--profile', '-', '--segments', 'a, b', '--json'],
      '{"points":4}',
    );
    expect(ended).toEqual({ code: 0, out: '{"result":true}\n', err: '' });
  });

  test('for people it is said in words, with --explain the rule in English, too', () => {
    const { code, out } = headrace(['--rule', 'points > 2', '--profile', profile, '--explain']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([expect.stringContaining('points'), 'The profile qualifies.', '']);
  });

  test('with --trace every part of the rule with what it yields', () => {
    const args = [
      '--rule',
      'points > 2 and city = "Bern" and tier = "gold"',
      '--profile',
      profile,
      '--trace',
    ];
    expect(headrace(args).out.split('\n')).toEqual([
      'The profile does not qualify.',
      'points > 2 and city = "Bern" and tier = "gold": false',
      '  points > 2: true',
      '    points: 3',
      '  city = "Bern": true',
      '    city: "Bern"',
      '  tier = "gold": false',
      '    tier: nothing',
      '',
    ]);
    expect(JSON.parse(headrace([...args, '--json']).out)).toMatchObject({
      result: false,
      trace: {
        value: false,
        children: [{ text: 'points > 2', value: true }, { value: true }, { value: false }],
      },
    });
  });

  test('a trace of a rule that is a value alone', () => {
    const lines = (rule: string) => headrace(['--rule', rule, '--trace']).out.split('\n');
    expect(lines('true')).toEqual(['The profile qualifies.', 'true: true', '']);
    expect(lines('(P) => false')).toEqual(['The profile does not qualify.', '(P) => false: false', '']);
  });

  test.each([
    [['--rule', 'true', '--rule-file', 'rule.pql'], '--rule beside --rule-file'],
    [['--rule', 'true', '--cases', 'cases.ndjson'], '--rule beside --cases'],
    [['--rule-file', 'rule.pql', '--cases', 'cases.ndjson'], '--rule-file beside --cases'],
    [['--cases', 'cases.ndjson', '--profile', 'ann.json'], '--profile beside --cases'],
  ])('%j is refused: only one can be followed', (args, message) => {
    const { code, out, err } = headrace(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  test('a rule that needs more steps than it may take says so', () => {
    const numbers = file('numbers.json', { n: Array.from({ length: 3_000 }, (_, index) => index) });
    const args = ['--rule', 'n.exists(^.n.exists($1 = -1))', '--profile', numbers];
    expect(headrace(args).out).toContain('needs more steps for this profile than it may take');
    expect(JSON.parse(headrace([...args, '--json']).out)).toEqual({ result: false, exceeded: true });
  });

  test('fields are checked against a schema', () => {
    const schema = file('schema.json', {
      profile: { type: 'object', properties: { city: { type: 'string' }, points: { type: 'integer' } } },
    });
    const ended = headrace(['--rule', 'citi = "Bern"', '--schema', schema, '--json']);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain('Did you mean city?');
    expect(JSON.parse(ended.out)).toMatchObject({ error: { position: 0 } });
  });
});

describe('what cannot be used ends with exit code 2 and says why', () => {
  test.each<[string, string[], string]>([
    ['a rule that breaks off', ['--rule', 'city ='], 'Line 1, column 7: found the end of the rule'],
    ['a type that does not fit', ['--rule', '"x" > 1'], 'Line 1, column 7: found a number; expected text'],
    ['no rule', [], 'There is no rule. Give --rule, --rule-file or --cases.'],
    ['no such profile', ['--rule', 'a = 1', '--profile', 'none.json'], 'none.json: there is no such file.'],
    ['no such rule file', ['--rule-file', 'none.pql'], 'none.pql: there is no such file.'],
    ['no such cases', ['--cases', 'none.ndjson'], 'none.ndjson: there is no such file.'],
    [
      'a profile that is no JSON',
      ['--rule', 'a = 1', '--profile', file('broken.json', '{')],
      'broken.json: found no JSON.',
    ],
    [
      'a profile that is a list',
      ['--rule', 'a = 1', '--profile', file('l.json', '[]')],
      'profile: found no object',
    ],
    [
      'an event that is text',
      ['--rule', 'a = 1', '--events', file('t.json', '["x"]')],
      'events/0: found no object',
    ],
    [
      'a broken line of events',
      ['--rule', 'a = 1', '--events', file('b.ndjson', '{}\n{')],
      'b.ndjson, line 2: found no JSON',
    ],
    ['no time', ['--rule', 'a = 1', '--now', 'noon'], 'now: found no instant'],
    [
      'a time without an offset',
      ['--rule', 'a = 1', '--now', '2026-03-15T12:00:00'],
      'now: found no instant',
    ],
    [
      'a day that no calendar has',
      ['--rule', 'a = 1', '--now', '2026-02-30T00:00:00Z'],
      'now: found no instant',
    ],
    ['a folder as cases', ['--cases', '.'], '.: this is a folder; expected a file.'],
    ['a folder as profile', ['--rule', 'a = 1', '--profile', '.'], '.: this is a folder; expected a file.'],
    ['an option that is not known', ['--role', 'a = 1'], "unknown option '--role'"],
  ])('%s', (_what, args, message) => {
    const { code, out, err } = headrace(args);
    expect(err).toContain(message);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  test('with --json on standard output, too, with the offset into the rule', () => {
    const { code, out, err } = headrace(['--rule', 'a = 1 and b ==', '--json']);
    expect(code).toBe(2);
    expect(err).toContain('Line 1, column 13');
    expect(JSON.parse(out)).toEqual({
      error: { message: expect.stringContaining('equality is written ='), position: 12 },
    });
  });
});

test('a profile with a number that no double holds is refused with exit code 2', () => {
  const infinite = file('infinite.json', '{"n": 1e400}');
  const { code, err } = headrace(['--rule', 'n + 1 > 0', '--profile', infinite, '--json']);
  expect(code).toBe(2);
  expect(err).toContain('profile: found a number that is too large');
});

describe('a file of cases', () => {
  test('is answered line by line, in order; what is no case names its line and the rest goes on', () => {
    const input = [
      { id: 'a', rule: 'n = 1', profile: { n: 1 } },
      { id: 'b', rule: 'n =', profile: { n: 1 } },
      'no JSON',
      '',
      { id: 'c', rule: 'inSegment("s") and not inSegment("t")', segments: { s: 'existing', t: 'exited' } },
      { id: 'd', rule: 'n = 1', profile: 7 },
      { rule: 'xEvent.count() = 0' },
    ].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    const { code, out, err } = headrace(['--cases', '-'], input.join('\n'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(jsonLines(out)).toEqual([
      { id: 'a', result: true },
      { id: 'b', error: { message: expect.stringContaining('Line 1, column 4'), position: 3 } },
      { id: null, error: { message: expect.stringContaining('Line 3: found no JSON object') } },
      { id: 'c', result: true },
      { id: 'd', error: { message: expect.stringContaining('profile: found no object') } },
      { id: null, result: true },
    ]);
  });

  test('goes on behind a profile that is nested deeper than any record may be', () => {
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const { out } = headrace(
      ['--cases', '-'],
      `{"id":1,"rule":"a = 1","profile":{"a":${nested}}}\n{"id":2,"rule":"a = 1","profile":{"a":1}}\n`,
    );
    expect(jsonLines(out)).toEqual([
      { id: 1, error: { message: expect.stringContaining('profile: nested deeper than 32 levels') } },
      { id: 2, result: true },
    ]);
  });

  test('goes on behind numbers and lists beyond any that a record may have', () => {
    const numbers = `[${Array.from({ length: 200_000 }, (_, index) => index)}]`;
    const { code, out, err } = headrace(
      ['--cases', '-'],
      [
        '{"id":1,"rule":"n + 1 > 0","profile":{"n":1e400}}',
        '{"id":2,"rule":"xEvent.n.sum() > 0","events":[{"n":-1e400}]}',
        `{"id":3,"rule":"a.b.count() > 1","profile":{"a":[{"b":${numbers}}]}}`,
        `{"id":${'['.repeat(20_000)}${']'.repeat(20_000)},"rule":"true"}`,
        '{"id":5,"rule":"a = 1","profile":{"a":1}}',
      ].join('\n'),
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(jsonLines(out)).toEqual([
      { id: 1, error: { message: expect.stringContaining('profile: found a number that is too large') } },
      { id: 2, error: { message: expect.stringContaining('events/0: found a number that is too large') } },
      { id: 3, result: true },
      { id: null, error: { message: expect.stringContaining('Line 4: This cannot be evaluated') } },
      { id: 5, result: true },
    ]);
  });

  test('ends quietly when whoever reads the answers has enough', async () => {
    const many = file('many.ndjson', '{"id":1,"rule":"n = 1"}\n'.repeat(100_000));
    const program = join(repository, 'packages/cli/src/main.ts');
    const child = spawn(process.execPath, [program, 'segment', 'test', '--cases', many], {
      env: { ...process.env, INIT_CWD: folder },
    });
    const err = text(child.stderr);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await err).toBe('');
  });

  test.each(readdirSync(cases).filter((name) => name.endsWith('.ndjson')))(
    '%s as the language promises',
    (name) => {
      const wanted = jsonLines(readFileSync(join(cases, name), 'utf8'));
      const { code, out } = headrace(['--cases', join(cases, name)]);
      expect(code).toBe(0);
      expect(jsonLines(out)).toEqual(
        wanted.map(({ id, expect: answer }) => {
          if (typeof answer === 'boolean') return { id, result: answer };
          const { error, position } = answer as { error: string; position: number };
          return { id, error: { message: expect.stringContaining(error), position } };
        }),
      );
    },
  );
});
