import { keyFields, type WriteStep } from './write-steps.ts';

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

/** What a step changes, by which two steps of one collection would collide. */
const targetOf = (step: WriteStep, ids: Ids): string | undefined => {
  if (step.kind === 'create') return undefined;
  return step.kind === 'upsert' ? step.key.toLowerCase() : ids.get(step.at);
};

/** The step whose record a step concerns or names as parent; -1 for none. */
export function neededBy(step: WriteStep): number {
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

/** A row call as a subrequest. */
export const subrequestOf = ({ method, path, body }: RowCall, at: number): Fields => ({
  method,
  url: base + path,
  referenceId: `s${at}`,
  ...(body === undefined ? {} : { body }),
});
