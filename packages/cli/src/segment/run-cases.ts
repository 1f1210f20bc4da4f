import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isJsonObject } from '@headrace/core';
import { answerCase, type CaseAnswer, toCaseError } from './case.ts';
import type { Rules } from './rules.ts';

/**
 * Answers cases, one JSON object `{id, rule, profile, events, segments, now}` a line, with one line each, in order. A
 * line that is no case is answered with its number and an error; the rest goes on.
 */
export async function runCases(input: Readable, output: Writable, rules: Rules): Promise<void> {
  try {
    await pipeline(answers(input, rules), output, { end: false });
  } catch (error) {
    // As with `| head -1`: whoever read the answers has enough of them.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  } finally {
    input.destroy();
  }
}

async function* answers(input: Readable, rules: Rules): AsyncGenerator<string> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() !== '') yield `${write(text, line, rules)}\n`;
  }
}

/** Whatever one line does, the others are answered. */
function write(text: string, line: number, rules: Rules): string {
  try {
    return JSON.stringify(answerLine(text, line, rules));
  } catch (error) {
    return JSON.stringify({ id: null, error: { message: `Line ${line}: ${toCaseError(error).message}` } });
  }
}

function answerLine(text: string, line: number, rules: Rules): { readonly id: unknown } & CaseAnswer {
  const given = parse(text);
  if (!isJsonObject(given))
    return {
      id: null,
      error: { message: `Line ${line}: found no JSON object; expected {"id", "rule", "profile", "events"}.` },
    };
  const compiled = rules.compile(given.rule);
  return {
    id: given.id ?? null,
    ...('error' in compiled ? compiled : answerCase(compiled.rule, given)),
  };
}

/** @returns undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
