import { randomUUID } from 'node:crypto';
import { HeadraceError, invalidInput, labelFault, notFound } from '@headrace/core';
import type { Db } from '../store/database.ts';
import {
  type DatasetRow,
  insertDataset,
  readDataset,
  readSchemaUse,
  updateDataset,
} from '../store/datasets.ts';

export type NewDataset = {
  readonly name: string;
  readonly schemaId: string;
  readonly description?: string;
  readonly labels?: readonly string[];
  /** Of event datasets only. */
  readonly retentionDays?: number | null;
  /** As its schema is, when left out. */
  readonly isEnabledForProfile?: boolean;
};

/**
 * @throws HeadraceError `not_found` when there is no such schema, `conflict` when the name is taken, `invalid_input`
 *   when it is to be enabled for Profile and its schema is not, or keeps events that it has not.
 */
export async function createDataset(db: Db, dataset: NewDataset, now: Date): Promise<DatasetRow> {
  const schema = await readSchemaUse(db, dataset.schemaId);
  if (schema === undefined) throw notFound('schema', dataset.schemaId);
  const isEnabled = dataset.isEnabledForProfile ?? schema.isSchemaEnabled;
  if (isEnabled && !schema.isSchemaEnabled)
    throw invalidInput('The schema is not enabled for Profile, so no dataset of it can be.', [
      {
        pointer: '/enabled_for_profile',
        message: 'Expected false, or a schema that is enabled for Profile. Enable the schema first.',
      },
    ]);
  const retentionDays = dataset.retentionDays ?? null;
  requireEventsFor(retentionDays, schema.kind);
  requireLabels(dataset.labels ?? []);
  const row = {
    datasetId: randomUUID(),
    name: dataset.name.trim(),
    description: dataset.description ?? '',
    schemaId: dataset.schemaId,
    enabledForProfileAt: isEnabled ? now : null,
    labels: withoutRepeats(dataset.labels ?? []),
    retentionDays,
    createdAt: now,
  };
  const outcome = await insertDataset(db, row);
  if (outcome === 'no_schema') throw notFound('schema', row.schemaId);
  if (outcome === 'name_taken') throw nameTaken(row.name);
  return getDataset(db, row.datasetId);
}

/** @throws HeadraceError `not_found`. */
export async function getDataset(db: Db, datasetId: string): Promise<DatasetRow> {
  const dataset = await readDataset(db, datasetId);
  if (dataset === undefined) throw notFound('dataset', datasetId);
  return dataset;
}

/**
 * Changes what is given. Events past a shorter retention are deleted within a day.
 * @throws HeadraceError `not_found`, `invalid_input`; `conflict` when the name is taken or it is being deleted.
 */
export async function changeDataset(
  db: Db,
  datasetId: string,
  changes: Partial<Pick<DatasetRow, 'name' | 'description' | 'labels' | 'retentionDays'>>,
): Promise<DatasetRow> {
  const dataset = await getDataset(db, datasetId);
  const changed = { ...dataset, ...changes };
  requireEventsFor(changed.retentionDays, dataset.kind);
  requireLabels(changes.labels ?? []);
  const name = changed.name.trim();
  const outcome = await updateDataset(db, { ...changed, name, labels: withoutRepeats(changed.labels) });
  if (outcome === 'name_taken') throw nameTaken(name);
  if (outcome === 'deleting')
    throw new HeadraceError('conflict', 'The dataset is being deleted and cannot be changed any more.');
  return getDataset(db, datasetId);
}

function requireEventsFor(retentionDays: number | null, kind: DatasetRow['kind']): void {
  if (retentionDays === null || kind === 'event') return;
  throw invalidInput(
    'Only event datasets have a retention; what is said of people is kept until it is replaced.',
    [
      {
        pointer: '/retention_days',
        message: 'Expected null, or a dataset whose schema is of the event class.',
      },
    ],
  );
}

function requireLabels(labels: readonly string[]): void {
  const details = labels.flatMap((label, index) => {
    const message = labelFault(label);
    return message === undefined ? [] : [{ pointer: `/labels/${index}`, message }];
  });
  const [first] = details;
  if (first !== undefined) throw invalidInput(first.message, details);
}

const nameTaken = (name: string): HeadraceError =>
  new HeadraceError('conflict', `There is a dataset ${JSON.stringify(name)} already. Choose another name.`);

const withoutRepeats = (labels: readonly string[]): readonly string[] => [...new Set(labels)].sort();
