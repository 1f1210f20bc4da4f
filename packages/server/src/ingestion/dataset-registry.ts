import {
  compileRecordValidator,
  composeSchema,
  HeadraceError,
  notFound,
  type Region,
  type XdmObject,
} from '@headrace/core';
import type { Db } from '../store/database.ts';
import { readCustomNamespaces, readDatasetSchema } from '../store/dataset-contexts.ts';
import type { DatasetContext } from './prepared-record.ts';

export type OpenDataset = DatasetContext & { readonly schema: XdmObject };

/** Datasets ready to take records. Validators are compiled once per composition of a schema. */
export class DatasetRegistry {
  readonly #defaultRegion: Region | undefined;
  readonly #compiled = new Map<string, Pick<OpenDataset, 'schema' | 'validate'>>();

  /** @param defaultRegion whose numbering plan a phone number without country code follows. */
  constructor(defaultRegion: Region | undefined) {
    this.#defaultRegion = defaultRegion;
  }

  /** @throws HeadraceError `not_found` when there is no such dataset, `conflict` when it is being deleted. */
  async open(db: Db, datasetId: string): Promise<OpenDataset> {
    const dataset = await readDatasetSchema(db, datasetId);
    if (dataset === undefined) throw notFound('dataset', datasetId);
    if (dataset.deletingAt !== null)
      throw new HeadraceError(
        'conflict',
        'The dataset is being deleted and takes no more records. Send them to another dataset.',
      );
    const key = [dataset.classId, ...dataset.fieldGroupIds].join();
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      const schema = composeSchema({ classId: dataset.classId, fieldGroupIds: dataset.fieldGroupIds });
      compiled = { schema, validate: compileRecordValidator(schema) };
      this.#compiled.set(key, compiled);
    }
    return {
      ...compiled,
      datasetId,
      kind: dataset.classId === 'xdm.experience-event' ? 'event' : 'profile',
      retentionDays: dataset.retentionDays,
      identities: dataset.identities,
      extraction: {
        defaultRegion: this.#defaultRegion,
        customNamespaces: await readCustomNamespaces(db),
      },
    };
  }
}
