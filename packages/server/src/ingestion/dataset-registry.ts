import { compileRecordValidator, HeadraceError, notFound, type Region, type XdmObject } from '@headrace/core';
import type { Db } from '../store/database.ts';
import {
  composeStored,
  type DatasetSchema,
  readCustomNamespaces,
  readDatasetSchema,
} from '../store/dataset-contexts.ts';
import type { DatasetContext } from './prepared-record.ts';

export type OpenDataset = DatasetContext & { readonly schema: XdmObject };

type Compiled = Pick<OpenDataset, 'schema' | 'validate'>;

/** How long an opened dataset is used again. Schemas only grow, so an older one refuses too much, never too little. */
const keptMs = 1_000;
/** A compiled validator takes some 100 kB. */
const maxCompiled = 100;
const maxOpened = 1_000;

/**
 * Datasets ready to take records. An opened one is kept for a second, so that a burst of requests costs no
 * queries; what is compiled is kept per composition of a schema.
 */
export class DatasetRegistry {
  readonly #defaultRegion: Region | undefined;
  readonly #clockMs: () => number;
  readonly #compiled = new Map<string, Compiled>();
  readonly #opened = new Map<string, { readonly dataset: Promise<OpenDataset>; readonly untilMs: number }>();

  /**
   * @param defaultRegion whose numbering plan a phone number without country code follows.
   * @param clockMs milliseconds that only rise.
   */
  constructor(defaultRegion: Region | undefined, clockMs: () => number = () => performance.now()) {
    this.#defaultRegion = defaultRegion;
    this.#clockMs = clockMs;
  }

  /**
   * What it says may be a second old; a caller to whom that matters asks the database in its transaction.
   * @throws HeadraceError `not_found` when there is no such dataset, `conflict` when it is being deleted.
   */
  open(db: Db, datasetId: string): Promise<OpenDataset> {
    const nowMs = this.#clockMs();
    const kept = this.#opened.get(datasetId);
    if (kept !== undefined && nowMs < kept.untilMs) return kept.dataset;
    // In order of insertion, which is the order of expiry.
    this.#opened.delete(datasetId);
    for (const [id, { untilMs }] of this.#opened)
      if (untilMs <= nowMs || this.#opened.size >= maxOpened) this.#opened.delete(id);
      else break;
    const dataset = this.#read(db, datasetId);
    const entry = { dataset, untilMs: nowMs + keptMs };
    this.#opened.set(datasetId, entry);
    dataset.catch(() => {
      if (this.#opened.get(datasetId) === entry) this.#opened.delete(datasetId);
    });
    return dataset;
  }

  async #read(db: Db, datasetId: string): Promise<OpenDataset> {
    const dataset = await readDatasetSchema(db, datasetId);
    if (dataset === undefined) throw notFound('dataset', datasetId);
    if (dataset.deletingAt !== null)
      throw new HeadraceError(
        'conflict',
        'The dataset is being deleted and takes no more records. Send them to another dataset.',
      );
    const { classId, identities, retentionDays } = dataset;
    return {
      ...(await this.#compile(db, dataset)),
      datasetId,
      kind: classId === 'xdm.experience-event' ? 'event' : 'profile',
      identities,
      extraction: { defaultRegion: this.#defaultRegion, customNamespaces: await readCustomNamespaces(db) },
      retentionDays,
    };
  }

  async #compile(db: Db, dataset: DatasetSchema): Promise<Compiled> {
    const key = [dataset.classId, ...dataset.fieldGroupIds, dataset.fieldGroupRevisions].join();
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      const schema = await composeStored(db, dataset);
      compiled = { schema, validate: compileRecordValidator(schema) };
    }
    // The one used longest ago stands first.
    this.#compiled.delete(key);
    this.#compiled.set(key, compiled);
    for (const oldest of this.#compiled.keys())
      if (this.#compiled.size > maxCompiled) this.#compiled.delete(oldest);
      else break;
    return compiled;
  }
}
