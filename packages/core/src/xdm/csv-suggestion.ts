import { isScalarField, type ScalarField } from './csv-cell.ts';
import { headerWords, knownPaths } from './csv-header-words.ts';
import type { CsvMappingDefinition, Scalar } from './csv-mapping.ts';
import { resolveCsvPath } from './csv-path.ts';
import { fitValues, type ValueFit } from './csv-value-fit.ts';
import type { XdmField, XdmObject } from './field.ts';
import type { IdentityDescriptor } from './identity-descriptor.ts';

/** The first lines of a CSV file. */
export type CsvSample = { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] };

export type ColumnSuggestion = {
  readonly column: string;
  /** The field it most likely fills; null when none is likely. */
  readonly path: string | null;
  /** 0 to 1. */
  readonly confidence: number;
  /** What the suggestion rests on. */
  readonly reason: string;
  /** How the values are written, where not as the field wants them. */
  readonly format?: string;
  readonly values?: Readonly<Record<string, Scalar>>;
  /** Namespace, where the field is an identity. */
  readonly identity?: string;
  /** What a person has to say first; until then the column is not in the mapping. */
  readonly question?: string;
};

export type MappingSuggestion = {
  readonly columns: readonly ColumnSuggestion[];
  /** Of all columns with a field and no question; null when there is none. */
  readonly mapping: CsvMappingDefinition | null;
};

type Candidate = { readonly path: string; readonly field: ScalarField; readonly words: readonly string[] };
type Pairing = {
  readonly column: number;
  readonly candidate: Candidate;
  readonly confidence: number;
  readonly reason: string;
  readonly fit: ValueFit;
};

const leastConfidence = 0.5;
/** What is left of a match by name when the values do not go with the field. */
const unclearFactor = 0.8;

/**
 * Suggests which field each column of a file fills, from its header and its first values. Each field is
 * suggested once, to the column that fits it best. Nothing ambiguous is decided: it becomes a question.
 *
 * @param identities of the schema
 * @param customNamespaces codes for the `identityMap`, where the schema has one; the first is the customer's key
 */
export function suggestCsvMapping(
  sample: CsvSample,
  schema: XdmObject,
  identities: readonly IdentityDescriptor[],
  customNamespaces: readonly string[] = [],
): MappingSuggestion {
  const ofMap = listMapIdentities(schema, customNamespaces);
  const candidates = [...listCandidates(schema, ''), ...ofMap];
  const keyPath =
    identities.find(({ namespace }) => !/^(?:email|phone)/i.test(namespace))?.path ??
    (customNamespaces.length > 0 ? ofMap[0]?.path : undefined) ??
    'personID';
  const pairings = sample.header.flatMap((header, column) => {
    const cells = sample.rows.map((row) => row[column]?.trim() ?? '').filter((cell) => cell !== '');
    return pairColumn(header, column, cells, candidates, keyPath);
  });
  const chosen = chooseOnce(pairings);
  const columns = sample.header.map((header, column): ColumnSuggestion => {
    const pairing = chosen.get(column);
    if (pairing === undefined)
      return {
        column: header.trim(),
        path: null,
        confidence: 0,
        reason: 'No field of the schema is like it.',
      };
    return describe(header.trim(), pairing, identities);
  });
  const isWhose = identities.some(({ primary }) => primary);
  return { columns, mapping: mappingOf(columns, isWhose ? undefined : primaryInMap(columns)) };
}

const mapIdentity = (namespace: string): string => `identityMap.${namespace}[0].id`;

/** Identities that a row can carry in the map. */
function listMapIdentities(schema: XdmObject, customNamespaces: readonly string[]): Candidate[] {
  return [...customNamespaces, 'Email', 'Phone'].flatMap((namespace) => {
    const path = mapIdentity(namespace);
    const field = resolveCsvPath(schema, path)?.field;
    return field !== undefined && isScalarField(field)
      ? [{ path, field, words: [headerWords(namespace)] }]
      : [];
  });
}

/** The identity of the map that says whose a record is; it comes first among the columns. */
const primaryInMap = (columns: readonly ColumnSuggestion[]): string | undefined =>
  columns.find(({ path }) => path?.startsWith('identityMap.'))?.path?.replace(/\.id$/, '.primary');

/** Every field that a cell can fill, with the words it is called by; of lists the first place. */
function* listCandidates(field: XdmField, path: string): Generator<Candidate> {
  if (field.type === 'object') {
    for (const [key, child] of Object.entries(field.properties))
      yield* listCandidates(child, path === '' ? key : `${path}.${key}`);
  } else if (field.type === 'array') yield* listCandidates(field.items, `${path}[0]`);
  else if (isScalarField(field)) {
    const [last = '', parent = ''] = path.replaceAll('[0]', '').split('.').reverse().map(headerWords);
    yield { path, field, words: [headerWords(field.title), last, `${parent} ${last}`] };
  }
}

function pairColumn(
  header: string,
  column: number,
  cells: readonly string[],
  candidates: readonly Candidate[],
  keyPath: string,
): Pairing[] {
  const words = headerWords(header);
  const known = new Map(knownPaths(words, keyPath).map(({ path, confidence }) => [path, confidence]));
  const looksLikeEmail = cells.length > 0 && cells.every((cell) => /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(cell));
  const namesakes = candidates.filter((candidate) => candidate.words.includes(words)).length;
  return candidates.flatMap((candidate): Pairing[] => {
    const usual = known.get(candidate.path);
    const [byName, reason] =
      usual !== undefined
        ? [usual, 'The header is a usual name of this field.']
        : candidate.words.includes(words)
          ? [nameConfidence(candidate, words, namesakes), 'The header is the name of this field.']
          : looksLikeEmail && /mail(?:\.address|\[0\]\.id)$/i.test(candidate.path)
            ? [0.6, 'The values are e-mail addresses.']
            : [0, ''];
    if (byName === 0) return [];
    const fit = fitValues(candidate.field, cells);
    if (fit.kind === 'unfit') return [];
    const confidence = fit.kind === 'unclear' ? byName * unclearFactor : byName;
    return confidence < leastConfidence ? [] : [{ column, candidate, confidence, reason, fit }];
  });
}

/** A name that several fields have says little. */
function nameConfidence(candidate: Candidate, words: string, namesakes: number): number {
  if (candidate.words[2] === words) return 0.9;
  return namesakes === 1 ? 0.7 : 0.5;
}

/** The most confident pairings first; of equal ones that of the earlier column. */
function chooseOnce(pairings: readonly Pairing[]): ReadonlyMap<number, Pairing> {
  const chosen = new Map<number, Pairing>();
  const taken = new Set<string>();
  for (const pairing of pairings.toSorted((a, b) => b.confidence - a.confidence || a.column - b.column)) {
    if (chosen.has(pairing.column) || taken.has(pairing.candidate.path)) continue;
    chosen.set(pairing.column, pairing);
    taken.add(pairing.candidate.path);
  }
  return chosen;
}

function describe(
  column: string,
  { candidate: { path }, confidence, reason, fit }: Pairing,
  identities: readonly IdentityDescriptor[],
): ColumnSuggestion {
  const identity =
    identities.find((descriptor) => descriptor.path === path)?.namespace ??
    /^identityMap\.(.+)\[0\]\.id$/.exec(path)?.[1];
  return {
    column,
    path,
    confidence: Math.round(confidence * 100) / 100,
    reason,
    ...(identity !== undefined && { identity }),
    ...(fit.kind === 'unclear' && { question: fit.question }),
    ...(fit.kind === 'fits' && fit.format !== undefined && { format: fit.format }),
    ...(fit.kind === 'fits' && fit.values !== undefined && { values: fit.values }),
  };
}

function mappingOf(
  columns: readonly ColumnSuggestion[],
  primary: string | undefined,
): CsvMappingDefinition | null {
  const entries = columns.flatMap(({ column, path, format, values, question }) => {
    if (path === null || question !== undefined || column === '') return [];
    const target =
      format === undefined && values === undefined
        ? path
        : { path, ...(format !== undefined && { format }), ...(values !== undefined && { values }) };
    return [[column, target] as const];
  });
  if (entries.length === 0) return null;
  return {
    columns: Object.fromEntries(entries),
    ...(primary !== undefined && { constants: { [primary]: true } }),
  };
}
