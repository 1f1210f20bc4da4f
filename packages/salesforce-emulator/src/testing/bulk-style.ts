import { bulkClient } from './bulk-client.ts';
import { canJoin, type Fields, fieldsOfStep, type Ids, note, objectOfStep, rowCallOf } from './step-calls.ts';
import { keyFields, type WriteStep } from './write-steps.ts';
import type { WriteStyle } from './write-styles.ts';

const operations = { create: 'insert', update: 'update', upsert: 'upsert', delete: 'delete' } as const;

/** A row of a job: the step's mark first, by which its result is known again. */
type Row = Readonly<Record<string, string>>;

/**
 * Writes in Bulk jobs, each with as many rows as the steps allow. A job fails whole, and writes nothing, when one
 * of its columns is no field of the object; its steps then go as rows.
 */
export const asBulkJobs: WriteStyle = async (client, steps) => {
  const ids: Ids = new Map();
  const idOf = (at: number): string | undefined => ids.get(at);
  const bulk = bulkClient(client);
  let chunk: number[] = [];
  const objectOf = (at: number): string => {
    const step = steps[at];
    return step !== undefined && 'at' in step ? objectOfStep(steps, step.at) : objectOfStep(steps, at);
  };
  const writeRow = async (at: number): Promise<void> => {
    const step = steps[at];
    const call = step === undefined ? undefined : rowCallOf(steps, step, idOf);
    if (call !== undefined) note(ids, at, (await client.rest(call.method, call.path, call.body)).body);
  };
  const flush = async (): Promise<void> => {
    const [first] = chunk;
    const kind = steps[first ?? -1]?.kind;
    if (first === undefined || kind === undefined) return;
    const object = objectOf(first);
    const rows = chunk.map((at) => rowOf(steps, at, idOf));
    const request = {
      object,
      operation: operations[kind],
      ...(kind === 'upsert' ? { externalIdFieldName: keyFields[object] } : {}),
    };
    const { job, successes } = await bulk.run(request, csvOf(rows));
    if (job.state === 'Failed') {
      if (!/Field name not found/.test(job.errorMessage)) throw new Error(job.errorMessage);
      for (const at of chunk) await writeRow(at);
    }
    for (const [id = '', , mark = ''] of successes) if (kind !== 'delete') ids.set(Number(mark), id);
    chunk = [];
  };
  for (const [at, step] of steps.entries()) {
    const isTogether = chunk.every((other) => objectOf(other) === objectOf(at));
    if (!isTogether || !canJoin(chunk, steps, step, ids)) await flush();
    if ('at' in step && idOf(step.at) === undefined) continue;
    if (fieldsOfStep(step, idOf) !== undefined) chunk.push(at);
  }
  await flush();
};

function rowOf(steps: readonly WriteStep[], at: number, idOf: (at: number) => string | undefined): Row {
  const step = steps[at];
  if (step === undefined) return {};
  if (step.kind === 'delete') return { Id: idOf(step.at) ?? '' };
  const { Fax, Account, ...rest }: Fields = fieldsOfStep(step, idOf) ?? {};
  const cells = Object.entries(rest).map(([name, value]) => [name, cellOf(value)] as const);
  return {
    Fax: cellOf(Fax),
    ...Object.fromEntries(cells),
    ...(Account === undefined ? {} : { 'Account.ExternalAcctId__c': Object.values(Object(Account)).join() }),
    ...(step.kind === 'upsert' ? { [keyFields[step.object] ?? '']: step.key } : {}),
    ...(step.kind === 'update' ? { Id: idOf(step.at) ?? '' } : {}),
  };
}

/** An empty cell would be left out of the write; what clears a field in JSON is `#N/A` here. */
const cellOf = (value: unknown): string => (value === null || value === '' ? '#N/A' : String(value));

function csvOf(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return `${[names, ...rows.map((row) => names.map((name) => row[name] ?? ''))]
    .map((cells) => cells.map((cell) => `"${cell}"`).join(','))
    .join('\n')}\n`;
}
