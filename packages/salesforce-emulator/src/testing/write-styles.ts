import type { RestClient } from './rest-client.ts';
import { keyFields, type WriteStep } from './write-steps.ts';

/** Carries steps out through one API. Steps that need a record an earlier step failed to write are left out. */
export type WriteStyle = (client: RestClient, steps: readonly WriteStep[]) => Promise<void>;

/** Ids by the step that wrote the record. */
export type Ids = Map<number, string>;
export type Fields = Readonly<Record<string, unknown>>;

const base = '/services/data/v67.0';

/** A row call. `idOf` gives the id, or the reference, of what a step wrote; undefined for nothing. */
export interface RowCall {
  readonly method: string;
  readonly path: string;
  readonly body: Fields | undefined;
}

/** The object whose record a step wrote. */
export const objectOfStep = (steps: readonly WriteStep[], at: number): string => {
  const step = steps[at];
  return step !== undefined && 'object' in step ? step.object : '';
};

/** What a step sends, its parent by id or key; undefined when the parent was not written. */
export function fieldsOfStep(step: WriteStep, idOf: (at: number) => string | undefined): Fields | undefined {
  if (step.kind === 'delete') return {};
  if (step.kind === 'update' || step.parent === undefined) return step.fields;
  if ('key' in step.parent) return { ...step.fields, Account: { ExternalAcctId__c: step.parent.key } };
  const id = idOf(step.parent.step);
  return id === undefined ? undefined : { ...step.fields, AccountId: id };
}

/** A step as a row call; undefined when the record it needs was not written. */
export function rowCallOf(
  steps: readonly WriteStep[],
  step: WriteStep,
  idOf: (at: number) => string | undefined,
): RowCall | undefined {
  const fields = fieldsOfStep(step, idOf);
  if (fields === undefined) return undefined;
  if (step.kind === 'create') return { method: 'POST', path: `/sobjects/${step.object}`, body: fields };
  if (step.kind === 'upsert') {
    const key = encodeURIComponent(step.key);
    return {
      method: 'PATCH',
      path: `/sobjects/${step.object}/${keyFields[step.object]}/${key}`,
      body: fields,
    };
  }
  const id = idOf(step.at);
  if (id === undefined) return undefined;
  const path = `/sobjects/${objectOfStep(steps, step.at)}/${id}`;
  return step.kind === 'update'
    ? { method: 'PATCH', path, body: fields }
    : { method: 'DELETE', path, body: undefined };
}

/** Keeps the id a write answered. */
export function note(ids: Ids, at: number, body: unknown): void {
  if (typeof body !== 'object' || body === null || !('id' in body) || !('success' in body)) return;
  if (body.success === true) ids.set(at, String(body.id));
}

/** Each write a call of its own: what the other styles are measured by. */
export const asRows: WriteStyle = async (client, steps) => {
  const ids: Ids = new Map();
  for (const [at, step] of steps.entries()) {
    const call = rowCallOf(steps, step, (other) => ids.get(other));
    if (call !== undefined) note(ids, at, (await client.rest(call.method, call.path, call.body)).body);
  }
};

/** What a step changes, by which two steps of one collection would collide. */
const targetOf = (step: WriteStep, ids: Ids): string | undefined => {
  if (step.kind === 'create') return undefined;
  return step.kind === 'upsert' ? step.key.toLowerCase() : ids.get(step.at);
};

/** The step whose record a step concerns or names as parent; -1 for none. */
function neededBy(step: WriteStep): number {
  if ('at' in step) return step.at;
  return step.parent !== undefined && 'step' in step.parent ? step.parent.step : -1;
}

/** Whether a step can join a collection: the same operation, on records of its own, that are there already. */
export function canJoin(
  chunk: readonly number[],
  steps: readonly WriteStep[],
  step: WriteStep,
  ids: Ids,
): boolean {
  const first = steps[chunk[0] ?? -1];
  if (first === undefined || first.kind !== step.kind) return first === undefined;
  if (first.kind === 'upsert' && step.kind === 'upsert' && first.object !== step.object) return false;
  const target = targetOf(step, ids);
  return !chunk.some((at) => {
    const other = steps[at];
    return (
      at === neededBy(step) ||
      (target !== undefined && other !== undefined && targetOf(other, ids) === target)
    );
  });
}

/** Writes in collections of up to so many records, each as large as the steps allow. */
export const asCollections =
  (size: number): WriteStyle =>
  async (client, steps) => {
    const ids: Ids = new Map();
    let chunk: number[] = [];
    const flush = async (): Promise<void> => {
      await writeCollection(client, steps, chunk, ids);
      chunk = [];
    };
    for (const [at, step] of steps.entries()) {
      if (chunk.length >= size || !canJoin(chunk, steps, step, ids)) await flush();
      if ('at' in step && ids.get(step.at) === undefined) continue;
      if (fieldsOfStep(step, (other) => ids.get(other)) !== undefined) chunk.push(at);
    }
    await flush();
  };

async function writeCollection(
  client: RestClient,
  steps: readonly WriteStep[],
  chunk: readonly number[],
  ids: Ids,
): Promise<void> {
  const call = collectionCallOf(steps, chunk, (at) => ids.get(at));
  if (call === undefined) return;
  const { body } = await client.rest(call.method, call.path, call.body);
  for (const [index, at] of chunk.entries()) note(ids, at, body[index]);
}

/** A chunk of steps of one kind as a collections call. */
export function collectionCallOf(
  steps: readonly WriteStep[],
  chunk: readonly number[],
  idOf: (at: number) => string | undefined,
): RowCall | undefined {
  const first = steps[chunk[0] ?? -1];
  if (first === undefined) return undefined;
  const path = '/composite/sobjects';
  const records = chunk.map((at) => {
    const step = steps[at] ?? first;
    const object = 'object' in step ? step.object : objectOfStep(steps, step.at);
    const keyed =
      step.kind === 'upsert'
        ? { [keyFields[object] ?? '']: step.key }
        : 'at' in step
          ? { id: idOf(step.at) }
          : {};
    return { attributes: { type: object }, ...fieldsOfStep(step, idOf), ...keyed };
  });
  if (first.kind === 'create') return { method: 'POST', path, body: { records } };
  if (first.kind === 'update') return { method: 'PATCH', path, body: { records } };
  if (first.kind === 'upsert')
    return { method: 'PATCH', path: `${path}/${first.object}/${keyFields[first.object]}`, body: { records } };
  return { method: 'DELETE', path: `${path}?ids=${records.map(({ id }) => id).join(',')}`, body: undefined };
}

/** Writes as subrequests of Composites of up to so many, which refer to each other by reference. */
export const asComposites =
  (size: number): WriteStyle =>
  async (client, steps) => {
    const ids: Ids = new Map();
    for (let start = 0; start < steps.length; start += size) {
      const sent: number[] = [];
      const idOf = (at: number): string | undefined => (sent.includes(at) ? `@{s${at}.id}` : ids.get(at));
      const compositeRequest = steps.slice(start, start + size).flatMap((step, offset) => {
        const call = rowCallOf(steps, step, idOf);
        if (call === undefined) return [];
        sent.push(start + offset);
        return [subrequestOf(call, start + offset)];
      });
      if (compositeRequest.length === 0) continue;
      const { body } = await client.rest('POST', '/composite', { compositeRequest });
      for (const [index, at] of sent.entries()) note(ids, at, body.compositeResponse[index].body);
    }
  };

/** A row call as a subrequest. */
export const subrequestOf = ({ method, path, body }: RowCall, at: number): Fields => ({
  method,
  url: base + path,
  referenceId: `s${at}`,
  ...(body === undefined ? {} : { body }),
});

/** Each write a collection of one record inside a Composite of up to five. */
export const asCollectionsInComposites: WriteStyle = async (client, steps) => {
  const ids: Ids = new Map();
  for (let start = 0; start < steps.length; start += 5) {
    const sent: number[] = [];
    const idOf = (at: number): string | undefined => (sent.includes(at) ? `@{s${at}[0].id}` : ids.get(at));
    const compositeRequest = steps.slice(start, start + 5).flatMap((step, offset) => {
      const at = start + offset;
      if ('at' in step && idOf(step.at) === undefined) return [];
      if (fieldsOfStep(step, idOf) === undefined) return [];
      const call = collectionCallOf(steps, [at], idOf);
      if (call === undefined) return [];
      sent.push(at);
      return [subrequestOf(call, at)];
    });
    if (compositeRequest.length === 0) continue;
    const { body } = await client.rest('POST', '/composite', { compositeRequest });
    for (const [index, at] of sent.entries()) note(ids, at, [body.compositeResponse[index].body].flat()[0]);
  }
};

/** Writes as Batches of up to so many requests, none of which needs another one of its batch. */
export const asBatches =
  (size: number): WriteStyle =>
  async (client, steps) => {
    const ids: Ids = new Map();
    let sent: number[] = [];
    let batchRequests: Fields[] = [];
    const flush = async (): Promise<void> => {
      if (sent.length === 0) return;
      const { body } = await client.rest('POST', '/composite/batch', { batchRequests });
      for (const [index, at] of sent.entries()) note(ids, at, body.results[index].result);
      sent = [];
      batchRequests = [];
    };
    for (const [at, step] of steps.entries()) {
      if (sent.length >= size || sent.includes(neededBy(step))) await flush();
      const call = rowCallOf(steps, step, (other) => ids.get(other));
      if (call === undefined) continue;
      const { method, path, body } = call;
      sent.push(at);
      batchRequests.push({ method, url: `v67.0${path}`, ...(body === undefined ? {} : { richInput: body }) });
    }
    await flush();
  };

/** Each write a graph of its own. */
export const asGraphs: WriteStyle = async (client, steps) => {
  const ids: Ids = new Map();
  for (const [at, step] of steps.entries()) {
    const call = rowCallOf(steps, step, (other) => ids.get(other));
    if (call === undefined) continue;
    const graphs = [{ graphId: 'g', compositeRequest: [subrequestOf(call, at)] }];
    const { body } = await client.rest('POST', '/composite/graph', { graphs });
    note(ids, at, body.graphs[0].graphResponse.compositeResponse[0].body);
  }
};

/** Each create a tree of one record; the other writes as rows, which trees cannot do. */
export const asTrees: WriteStyle = async (client, steps) => {
  const ids: Ids = new Map();
  for (const [at, step] of steps.entries()) {
    const call = rowCallOf(steps, step, (other) => ids.get(other));
    if (call === undefined) continue;
    if (step.kind !== 'create') {
      note(ids, at, (await client.rest(call.method, call.path, call.body)).body);
      continue;
    }
    const records = [{ attributes: { type: step.object, referenceId: `s${at}` }, ...call.body }];
    const { status, body } = await client.rest('POST', `/composite/tree/${step.object}`, { records });
    if (status === 201) ids.set(at, body.results[0].id);
  }
};
