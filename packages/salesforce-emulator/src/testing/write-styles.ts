import type { RestClient } from './rest-client.ts';
import {
  canJoin,
  collectionCallOf,
  type Fields,
  fieldsOfStep,
  type Ids,
  neededBy,
  note,
  rowCallOf,
  subrequestOf,
} from './step-calls.ts';
import type { WriteStep } from './write-steps.ts';

/** Carries steps out through one API. Steps that need a record an earlier step failed to write are left out. */
export type WriteStyle = (client: RestClient, steps: readonly WriteStep[]) => Promise<void>;

/** Each write a call of its own: what the other styles are measured by. */
export const asRows: WriteStyle = async (client, steps) => {
  const ids: Ids = new Map();
  for (const [at, step] of steps.entries()) {
    const call = rowCallOf(steps, step, (other) => ids.get(other));
    if (call !== undefined) note(ids, at, (await client.rest(call.method, call.path, call.body)).body);
  }
};

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
