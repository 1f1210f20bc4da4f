import { compareFragments, compareText, fragmentKey, type ProfileFragment } from './fragment.ts';
import type { AttributeMerge } from './merge-policy.ts';

/** Fragments in the order in which they are laid over each other: the one whose values win comes last. */
export type MergeOrder = {
  readonly attributes: readonly ProfileFragment[];
  /**
   * Of `consents`: by time and of every dataset, whatever the policy, so that no policy brings back what a person
   * has withdrawn (promise 8). The same list as `attributes` where that is so anyway.
   */
  readonly consents: readonly ProfileFragment[];
};

/** The one rule of who wins. Depends on the set of fragments, not on their order. */
export function mergeOrder(fragments: readonly ProfileFragment[], merge: AttributeMerge): MergeOrder {
  const byTime = fragments.toSorted(
    (a, b) => compareFragments(a, b) || compareText(fragmentKey(a), fragmentKey(b)),
  );
  if (merge.type === 'timestampOrdered') return { attributes: byTime, consents: byTime };
  const rank = new Map(merge.order.map((datasetId, index) => [datasetId, index]));
  const rankOf = ({ datasetId }: ProfileFragment): number => rank.get(datasetId) ?? Number.POSITIVE_INFINITY;
  const attributes = byTime
    .filter(({ datasetId }) => rank.has(datasetId))
    // Stable: within a dataset the newest still wins.
    .sort((a, b) => rankOf(b) - rankOf(a));
  return { attributes, consents: byTime };
}
