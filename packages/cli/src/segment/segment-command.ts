import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { HeadraceError, type SegmentRule, type TraceNode } from '@headrace/core';
import { Command, type CommanderError } from 'commander';
import { describeProblem } from '../describe-problem.ts';
import { answerCase, type CaseError } from './case.ts';
import { type CaseInput, readCase } from './read-case.ts';
import { readEvents, readJson, readSchema, readText, unreadable } from './read-files.ts';
import { Rules } from './rules.ts';
import { runCases } from './run-cases.ts';
import { traceLines } from './trace-lines.ts';

type Options = {
  readonly rule?: string;
  readonly ruleFile?: string;
  readonly profile?: string;
  readonly events?: string;
  readonly segments?: string;
  readonly now?: string;
  readonly schema?: string;
  readonly cases?: string;
  readonly explain?: boolean;
  readonly trace?: boolean;
  readonly json?: boolean;
};

/** Exit code of a rule or an input that cannot be used. */
const unusable = 2;

/** `headrace segment test`: tries rules without a server. @param workingDir what file names are relative to. */
export function segmentCommand(workingDir: string): Command {
  const test = new Command('test')
    .description('try a segment rule on a profile, or many cases from a file')
    .option('--rule <pql>', 'the rule')
    .option('--rule-file <file>', 'a file with the rule')
    .option('--profile <file>', 'the profile as a JSON object (default: {})')
    .option('--events <file>', 'its events: a JSON list, or one JSON object a line (default: none)')
    .option('--segments <ids>', 'ids of the segments it is in, with commas between them')
    .option('--now <instant>', 'ISO 8601, for example 2026-03-15T12:00:00Z (default: the present)')
    .option('--schema <file>', 'JSON Schema of {"profile", "event"}; fields are checked against it')
    .option(
      '--cases <file>',
      'one {"id", "rule", "profile", "events", "segments", "now"} a line, answered line by line',
    )
    .option('--explain', 'say the rule in English, too')
    .option('--trace', 'show what each part of the rule yields, too')
    .option('--json', 'answer {"result": true|false} or {"error": {"message", "position"}}')
    .addHelpText(
      'after',
      '\nA file named - is standard input. The exit code is 0 whatever the result, 2 where a rule or a file cannot be used.\n',
    )
    .action(async (options: Options) => {
      process.exitCode = await runTest(options, workingDir);
    });
  const command = new Command('segment').description('work with segment rules').addCommand(test);
  for (const one of [command, test])
    one.exitOverride((error: CommanderError) => {
      process.exit(error.exitCode === 0 ? 0 : unusable);
    });
  return command;
}

/** @returns the exit code. */
async function runTest(options: Options, workingDir: string): Promise<number> {
  try {
    const clash = clashOf(options);
    if (clash !== undefined) return fail({ message: clash }, options);
    const schema = options.schema === undefined ? undefined : await readSchema(options.schema, workingDir);
    const rules = new Rules(schema);
    if (options.cases === undefined) return await testOne(options, rules, workingDir);
    await testCases(options.cases, rules, workingDir);
    return 0;
  } catch (error) {
    if (error instanceof HeadraceError) return fail({ message: describeProblem(error) }, options);
    throw error;
  }
}

/** What is wrong with options that cannot all be followed. */
function clashOf(options: Options): string | undefined {
  const [first, second] = (['rule', 'ruleFile', 'cases'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (first !== undefined && second !== undefined)
    return `Found ${flags[first]} beside ${flags[second]}. Give one of --rule, --rule-file and --cases.`;
  if (options.cases === undefined) return undefined;
  const ofOne = (['profile', 'events', 'segments', 'now', 'explain', 'trace'] as const).find(
    (name) => options[name] !== undefined,
  );
  return ofOne && `Found --${ofOne} beside --cases, whose lines say all of it. Leave it out.`;
}

const flags = { rule: '--rule', ruleFile: '--rule-file', cases: '--cases' } as const;

async function testCases(file: string, rules: Rules, workingDir: string): Promise<void> {
  const input = file === '-' ? process.stdin : createReadStream(resolve(workingDir, file));
  try {
    await runCases(input, process.stdout, rules);
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function testOne(options: Options, rules: Rules, workingDir: string): Promise<number> {
  const text =
    options.ruleFile === undefined
      ? options.rule === '-'
        ? await readText('-', workingDir)
        : options.rule
      : await readText(options.ruleFile, workingDir);
  if (text === undefined)
    return fail({ message: 'There is no rule. Give --rule, --rule-file or --cases.' }, options);
  const compiled = rules.compile(text);
  if ('error' in compiled) return fail(compiled.error, options);
  const { rule } = compiled;
  const input = {
    profile: options.profile && (await readJson(options.profile, workingDir)),
    events: options.events && (await readEvents(options.events, workingDir)),
    segments: options.segments?.split(',').map((id) => id.trim()),
    now: options.now ?? new Date().toISOString(),
  };
  const answer = answerCase(rule, input);
  if ('error' in answer) return fail(answer.error, options);
  const meaning = options.explain === true ? rule.describe() : undefined;
  const trace = options.trace === true ? traceOf(rule, input) : undefined;
  const lines =
    options.json === true
      ? [JSON.stringify({ ...answer, meaning, trace })]
      : [
          ...(meaning === undefined ? [] : [meaning]),
          answer.result ? 'The profile qualifies.' : 'The profile does not qualify.',
          ...(answer.exceeded ? ['The rule needs more steps for this profile than it may take.'] : []),
          ...(trace === undefined ? [] : traceLines(trace)),
        ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function traceOf(rule: SegmentRule, input: CaseInput): TraceNode {
  const { subject, clock } = readCase(input);
  return rule.trace(subject, clock);
}

function fail(error: CaseError, { json }: Options): number {
  if (json === true) process.stdout.write(`${JSON.stringify({ error })}\n`);
  process.stderr.write(`headrace: ${error.message}\n`);
  return unusable;
}
