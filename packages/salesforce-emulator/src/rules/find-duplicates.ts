import type { OrgState } from '../org/org-state.ts';
import { type Draft, valueAfter } from '../records/draft.ts';
import { matchKey } from '../schema/match-key.ts';
import { integerOf, type Row } from '../store/database.ts';
import { findMatches } from '../store/match-index.ts';
import type { CompiledMatching, MatchAlternative } from './duplicate-rules.ts';
import { isMatch, valueAt } from './match-criterion.ts';

/** Salesforce compares a record with the hundred most likely ones. */
const maxCandidates = 100;

/**
 * The records a matching rule takes for the one being saved, oldest first. `isOfThisSave` tells those that the
 * same call made, which are not compared; converted Leads are not either.
 */
export function findDuplicates(
  org: OrgState,
  draft: Draft,
  matching: CompiledMatching,
  isOfThisSave: (rid: number) => boolean,
): readonly Row[] {
  const found = new Map<number, Row>();
  for (const alternative of matching.alternatives) {
    for (const row of candidates(org, draft, matching, alternative)) {
      const rid = integerOf(row.rid);
      if (found.has(rid) || row.IsConverted === 1 || isOfThisSave(rid)) continue;
      if (rid === draft.rid && matching.object.name === draft.object.name) continue;
      if (matchesAll(org, draft, alternative, row)) found.set(rid, row);
    }
  }
  return [...found.entries()].toSorted(([left], [right]) => left - right).map(([, row]) => row);
}

function candidates(
  org: OrgState,
  draft: Draft,
  { object }: CompiledMatching,
  { indexed, columns }: MatchAlternative,
): readonly Row[] {
  const keys = indexed.map(({ own, method }) => matchKey(method, ownValue(org, draft, own)));
  if (keys.some((key, index) => key === null && indexed[index]?.blank !== 'MatchBlanks')) return [];
  return findMatches(org.database, object, columns, keys, maxCandidates);
}

const matchesAll = (org: OrgState, draft: Draft, { criteria }: MatchAlternative, row: Row): boolean =>
  criteria.every((criterion) =>
    isMatch(
      criterion,
      ownValue(org, draft, criterion.own),
      valueAt(org, criterion.other, (name) => row[name]),
    ),
  );

const ownValue = (org: OrgState, draft: Draft, path: Parameters<typeof valueAt>[1]): unknown =>
  valueAt(org, path, (name) => valueAfter(draft, name));
