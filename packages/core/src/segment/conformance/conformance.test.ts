import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HeadraceError } from '../../errors/headrace-error.ts';
import type { JsonObject } from '../../xdm/field.ts';
import { clockAt, compileSegmentRule } from '../segment-rule.ts';

/** One line of a file here: what `segment test --cases` reads, with the answer the language promises. */
type ConformanceCase = {
  readonly id: string;
  readonly rule: string;
  readonly profile?: JsonObject;
  readonly events?: readonly JsonObject[];
  readonly segments?: readonly string[];
  readonly now: string;
  /** An error has this in its message and, where given, stands at this offset. */
  readonly expect: boolean | { readonly error: string; readonly position?: number };
  readonly about?: string;
};

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((file) => file.endsWith('.ndjson'));
const casesOf = (file: string): ConformanceCase[] =>
  readFileSync(join(folder, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function answer(given: ConformanceCase): boolean | { error: string; position: number | undefined } {
  try {
    const rule = compileSegmentRule(given.rule, undefined);
    return rule.evaluate(
      {
        document: given.profile ?? {},
        events: given.events ?? [],
        segments: new Set(given.segments),
      },
      clockAt(new Date(given.now)),
    );
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    const [detail] = error.details;
    return { error: detail?.message ?? error.message, position: detail?.position };
  }
}

test('there are at least 400 cases, each with its own id', () => {
  const ids = files.flatMap((file) => casesOf(file).map(({ id }) => id));
  expect(ids.length).toBeGreaterThanOrEqual(400);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(files)('%s', (file) => {
  test.each(casesOf(file).map((given) => [given.id, given.rule, given] as const))(
    '%s: %s',
    (_id, _rule, given) => {
      const got = answer(given);
      if (typeof given.expect === 'boolean') {
        expect(got, given.about).toBe(given.expect);
        return;
      }
      expect(got, given.about).toMatchObject({ error: expect.stringContaining(given.expect.error) });
      expect(got).toMatchObject({ position: given.expect.position ?? expect.any(Number) });
    },
  );
});
