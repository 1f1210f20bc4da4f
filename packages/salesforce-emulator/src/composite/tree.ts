import { readJsonObject, refuseOtherFields } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { writeContextOf } from '../http/write-context.ts';
import { ownValue } from '../json.ts';
import { recordError } from '../records/record-error.ts';
import { saveRecords } from '../records/save-records.ts';
import type { RecordWrite } from '../records/write-record.ts';
import { objectOf } from '../rest/rows.ts';
import { Rollback } from '../store/database.ts';
import { readTree, type TreeError, type TreeRecord } from './read-tree.ts';

/**
 * `POST composite/tree/T`: creates up to 200 records with the records below them, level by level, all or
 * nothing. A refusal names the records that caused it and nothing else.
 */
function createTrees(call: Call): Answer {
  const root = objectOf(call);
  const body = readJsonObject(call);
  refuseOtherFields(body, ['records']);
  const tree = readTree(call.catalog, root, body);
  if ('errors' in tree) return refusal(tree.errors);
  const ids = new Map<TreeRecord, string>();
  let errors: readonly TreeError[] = [];
  try {
    call.emulator.org.database.transaction(() => {
      for (const level of tree.levels) {
        errors = createLevel(call, level, ids);
        if (errors.length > 0) throw new Rollback();
      }
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
    return refusal(errors);
  }
  const results = [...ids].map(([{ referenceId }, id]) => ({ referenceId, id }));
  return { status: 201, body: { hasErrors: false, results }, records: results.length };
}

const refusal = (results: readonly TreeError[]): Answer => ({
  status: 400,
  body: { hasErrors: true, results },
});

/** Creates the records of one level, notes their ids, and answers what was refused. */
function createLevel(
  call: Call,
  level: readonly TreeRecord[],
  ids: Map<TreeRecord, string>,
): readonly TreeError[] {
  const writes = level.map(({ object, fields, parent }): RecordWrite => {
    const idName = Object.keys(fields).find((name) => name.toLowerCase() === 'id');
    if (idName !== undefined && ownValue(fields, idName) !== null)
      return {
        kind: 'refused',
        error: recordError('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id']),
      };
    const below = parent === undefined ? {} : { [parent.field.name]: ids.get(parent.record) ?? null };
    return { kind: 'create', object, fields: { ...fields, ...below }, keyName: idName };
  });
  const results = saveRecords(writeContextOf(call), writes, false);
  return level.flatMap((record, index): TreeError[] => {
    const result = results[index];
    if (result?.id !== undefined && result.success) {
      ids.set(record, result.id);
      return [];
    }
    return [{ referenceId: record.referenceId, errors: result?.errors ?? [] }];
  });
}

/** Records created with what belongs to them. */
export const treeRoutes: readonly Route[] = [
  {
    path: '/services/data/:version/composite/tree/:object',
    access: 'session',
    methods: { POST: createTrees },
  },
];
