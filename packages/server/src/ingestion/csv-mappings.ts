import { randomUUID } from 'node:crypto';
import {
  type CsvDelimiter,
  type CsvMappingDefinition,
  compileCsvMapping,
  detectDelimiter,
  type ErrorDetail,
  findMappingGaps,
  HeadraceError,
  invalidInput,
  type MappingSuggestion,
  notFound,
  suggestCsvMapping,
} from '@headrace/core';
import type pg from 'pg';
import {
  type CsvMappingRow,
  deleteCsvMapping,
  readCsvMappings,
  saveCsvMapping,
} from '../store/csv-mappings.ts';
import { readCsvRows } from './csv-rows.ts';
import type { DatasetRegistry, OpenDataset } from './dataset-registry.ts';
import { type Line, readLines } from './lines.ts';

/** Enough to tell what a column holds. */
const mostRows = 200;
const mostColumns = 2_000;

export type SuggestedMapping = MappingSuggestion & {
  readonly delimiter: CsvDelimiter;
  /** What every record needs and no column of the mapping fills. */
  readonly gaps: readonly ErrorDetail[];
  /** Saved mappings whose columns the file has, the one used last first. */
  readonly saved: readonly CsvMappingRow[];
};

/** Mappings of CSV files: suggested, saved by name, used again. */
export class CsvMappings {
  readonly #pool: pg.Pool;
  readonly #datasets: DatasetRegistry;
  readonly #now: () => Date;

  constructor(options: {
    readonly pool: pg.Pool;
    readonly datasets: DatasetRegistry;
    readonly now: () => Date;
  }) {
    this.#pool = options.pool;
    this.#datasets = options.datasets;
    this.#now = options.now;
  }

  /**
   * Suggests a mapping from the first lines of a file.
   * @throws HeadraceError `not_found`; `invalid_input` when the sample has no header.
   */
  async suggest(datasetId: string, sample: string): Promise<SuggestedMapping> {
    const dataset = await this.#datasets.open(this.#pool, datasetId);
    const lines = await linesOf(sample);
    const delimiter = detectDelimiter(lines.find(({ text }) => text !== '')?.text ?? '');
    const [header, ...rows] = await rowsOf(lines, delimiter);
    if (header === undefined) throw invalidInput('The sample has no header line that can be read as CSV.');
    if (header.length > mostColumns)
      throw invalidInput(
        `The header has ${header.length} columns. Suggestions are made for ${mostColumns} at most.`,
      );
    const namespaces = dataset.extraction.customNamespaces
      .filter(({ idType }) => idType !== 'NON_PEOPLE' && idType !== 'PARTNER')
      .map(({ code }) => code);
    const { schema, identities } = dataset;
    const suggestion = suggestCsvMapping({ header, rows }, schema, identities, namespaces);
    const names = new Set(header.map((name) => name.trim()));
    const saved = await readCsvMappings(this.#pool, datasetId);
    const gaps = findMappingGaps(
      suggestion.mapping === null
        ? { columns: [], constants: [] }
        : compileCsvMapping(suggestion.mapping, schema),
      schema,
      identities,
    );
    return { ...suggestion, delimiter, gaps, saved: saved.filter((mapping) => isFor(mapping, names)) };
  }

  /**
   * Saves a mapping under its name, in place of one of the same name.
   * @throws HeadraceError `not_found`, `invalid_input`.
   */
  async save(datasetId: string, name: string, definition: unknown): Promise<CsvMappingRow> {
    const dataset = await this.#datasets.open(this.#pool, datasetId);
    requireUsableMapping(definition, dataset);
    return saveCsvMapping(this.#pool, {
      csvMappingId: randomUUID(),
      datasetId,
      name,
      updatedAt: this.#now(),
      // Just checked.
      definition: definition as CsvMappingDefinition,
    });
  }

  /** @throws HeadraceError `not_found`. */
  async list(datasetId: string): Promise<readonly CsvMappingRow[]> {
    await this.#datasets.open(this.#pool, datasetId);
    return readCsvMappings(this.#pool, datasetId);
  }

  /** Batches that took it keep what it was. @throws HeadraceError `not_found`. */
  async remove(datasetId: string, mappingId: string): Promise<void> {
    if (!(await deleteCsvMapping(this.#pool, datasetId, mappingId)))
      throw notFound('mapping of this dataset', mappingId);
  }
}

/**
 * Checks the mapping of a request against the schema of its dataset.
 * @throws HeadraceError `invalid_input`, with pointers into the request, when it is faulty or no row could make a
 *   record.
 */
export function requireUsableMapping(definition: unknown, { schema, identities }: OpenDataset): void {
  const compiled = compileCsvMapping(definition, schema, '/mapping');
  const [first, ...others] = findMappingGaps(compiled, schema, identities);
  if (first === undefined) return;
  throw new HeadraceError('invalid_input', `With this mapping every row would be refused. ${first.message}`, {
    details: [first, ...others].map((gap) => ({ ...gap, pointer: '/mapping/columns' })),
  });
}

/** The lines of a sample; the last one may be cut and is left out unless it has its end. */
async function linesOf(sample: string): Promise<Line[]> {
  const lines = (await Array.fromAsync(readLines(inOneChunk(sample), 0))).flat();
  return sample.endsWith('\n') || lines.length < 2 ? lines : lines.slice(0, -1);
}

async function rowsOf(lines: readonly Line[], delimiter: string): Promise<(readonly string[])[]> {
  const rows = (await Array.fromAsync(readCsvRows(inOneGroup(lines), delimiter, undefined))).flat();
  return rows.slice(0, mostRows + 1).flatMap((row) => ('value' in row ? [row.value] : []));
}

async function* inOneChunk(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

async function* inOneGroup(lines: readonly Line[]): AsyncGenerator<readonly Line[]> {
  yield lines;
}

const isFor = ({ definition }: CsvMappingRow, names: ReadonlySet<string>): boolean =>
  Object.keys(definition.columns).every((name) => names.has(name));
