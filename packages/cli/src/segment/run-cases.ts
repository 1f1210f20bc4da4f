import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { answerCase, type CaseAnswer } from './case.ts';
import type { Rules } from './rules.ts';

/**
 * Answers cases, one JSON object `{id, rule, profile, events, segments, now}` a line, with one line each, in order. A
 * line that is no case is answered with its number and an error; the rest goes on.
 */
export async function runCases(input: Readable, output: Writable, rules: Rules): Promise<void> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === '') continue;
    const isRoom = output.write(`${JSON.stringify(answerLine(text, line, rules))}\n`);
    if (!isRoom) await once(output, 'drain');
  }
}

function answerLine(text: string, line: number, rules: Rules): { readonly id: unknown } & CaseAnswer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return {
      id: null,
      error: { message: `Line ${line}: found no JSON object; expected {"id", "rule", "profile", "events"}.` },
    };
  const given: { readonly id?: unknown; readonly rule?: unknown } = parsed;
  const id = given.id ?? null;
  const compiled = rules.compile(given.rule);
  return { id, ...('error' in compiled ? compiled : answerCase(compiled.rule, parsed)) };
}
