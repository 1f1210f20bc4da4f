import type { XdmField } from './field.ts';
import { xdmTypeOf, xdmTypes } from './json-schema.ts';
import { nearestName } from './nearest-name.ts';

/** What types a field search can ask for: those of XDM, and `integer` for whole numbers of any size. */
export const fieldTypes = [...xdmTypes, 'integer'] as const;
export type FieldType = (typeof fieldTypes)[number];

export type FieldQuery = {
  /** Words that the path or the title has to hold, each; empty finds everything. */
  readonly search: string;
  /** Without one, all fields but objects, whose members are found instead. */
  readonly type?: FieldType;
};

/**
 * The fields a person may mean, the likeliest first: whose path or one of its steps is the word itself, begins
 * with it, or holds it; then the same of the title. Only when nothing holds the words, names that are nearly
 * them. Fields that match as well keep their order.
 */
export function searchFields<Entry extends { readonly path: string; readonly field: XdmField }>(
  entries: readonly Entry[],
  { search, type }: FieldQuery,
): readonly Entry[] {
  const typed = entries.filter(({ field }) => isOfType(field, type));
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return typed;
  const exact = ranked(typed, words, rankOf);
  return exact.length > 0 ? exact : ranked(typed, words, rankOfMistyped);
}

function isOfType(field: XdmField, type: FieldType | undefined): boolean {
  if (type === undefined) return field.type !== 'object';
  // Text with a format that is a type of its own is not found as text.
  return type === 'integer' ? field.type === 'integer' : xdmTypeOf(field) === type;
}

type Rank = (word: string, path: string, title: string) => number | undefined;

function ranked<Entry extends { readonly path: string; readonly field: XdmField }>(
  entries: readonly Entry[],
  words: readonly string[],
  rank: Rank,
): readonly Entry[] {
  const found = entries.flatMap((entry) => {
    const path = entry.path.toLowerCase();
    const title = entry.field.title.toLowerCase();
    const ranks = words.map((word) => rank(word, path, title) ?? Number.POSITIVE_INFINITY);
    const worst = Math.max(...ranks);
    return Number.isFinite(worst) ? [{ entry, rank: worst }] : [];
  });
  return found.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry);
}

/** Lower is better; undefined where the word is not to be found. */
function rankOf(word: string, path: string, title: string): number | undefined {
  const steps = path.split('.');
  if (path === word || steps.at(-1) === word) return 0;
  if (steps.includes(word) || `.${path}.`.includes(`.${word}.`)) return 1;
  if (steps.at(-1)?.startsWith(word) === true || path.startsWith(word)) return 2;
  if (steps.some((step) => step.startsWith(word))) return 3;
  if (title.split(/\s+/).some((part) => part.startsWith(word))) return 4;
  return path.includes(word) || title.includes(word) ? 5 : undefined;
}

const rankOfMistyped = (word: string, path: string, title: string): number | undefined =>
  word.length >= 3 && nearestName(word, [path, ...path.split('.'), ...title.split(/\s+/)]) !== undefined
    ? 0
    : undefined;
