import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutants } from './list.ts';

const root = join(import.meta.dirname, '..', '..');

test.each(mutants)(
  'there is one place to take out, and tests to notice: $name',
  ({ file, code, without, tests }) => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(text.split(code)).toHaveLength(2);
    expect(without).not.toBe(code);
    for (const path of tests) expect(existsSync(join(root, path))).toBe(true);
  },
);
