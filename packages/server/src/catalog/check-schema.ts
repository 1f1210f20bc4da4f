import { type ErrorDetail, type FieldGroup, HeadraceError, type XdmClassId } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { composeStored, readUnionParts } from '../store/dataset-contexts.ts';

/**
 * Makes sure that the union schema of a class can still be put together with more field groups, or with a changed
 * one.
 * @throws HeadraceError `invalid_input` that names the field groups which clash, and where.
 */
export async function requireUnion(
  db: Db,
  classId: XdmClassId,
  fieldGroupIds: readonly string[],
  changed?: FieldGroup,
): Promise<void> {
  const union = await readUnionParts(db, classId);
  const ids = [...new Set([...union.fieldGroupIds, ...fieldGroupIds])];
  await inContext('With the other schemas that are enabled for Profile:', () =>
    composeStored(db, { classId, fieldGroupIds: ids }, changed),
  );
}

/** Details with the pointer of the member of the request they are about in front. */
export const under = (pointer: string, details: readonly ErrorDetail[]): readonly ErrorDetail[] =>
  details.map((detail) => ({ ...detail, pointer: `${pointer}${detail.pointer ?? ''}` }));

/** Runs `work`; a refusal of it says in front of its message what it is about. */
export async function inContext<Result>(context: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    throw new HeadraceError(error.code, `${context} ${error.message}`, {
      details: error.details.map((detail) => ({ ...detail, message: `${context} ${detail.message}` })),
    });
  }
}

/** Runs `work`; the details of a refusal of it get the pointer of the member of the request they are about. */
export async function atPointer<Result>(pointer: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    throw new HeadraceError(error.code, error.message, { details: under(pointer, error.details) });
  }
}

/** A refusal with all the details; the message is that of the first. */
export function refusal(code: 'invalid_input' | 'conflict', details: readonly ErrorDetail[]): HeadraceError {
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  return new HeadraceError(code, `${details[0]?.message ?? ''}${more}`, { details });
}

/** @throws HeadraceError as `refusal` says, when there are any details. */
export function refuseIfAny(code: 'invalid_input' | 'conflict', details: readonly ErrorDetail[]): void {
  if (details.length > 0) throw refusal(code, details);
}
