import type { Priority } from '@headrace/core';

/** How much dataflows get of calls that are scarce, relative to each other. */
const weights: Readonly<Record<Priority, number>> = { high: 16, normal: 4, low: 1 };

/** A lane that sent nothing for so long leaves its part to others. */
const activeMs = 300_000;

export type LaneActivity = { readonly priority: Priority; readonly sentAt: number };

/**
 * The part of an org's calls, of 1, that a lane may make: by weight among those that have sent lately, times the part
 * of the profiles that this process delivers.
 * @param others lanes of the same org in this process.
 */
export function shareOf(
  priority: Priority,
  others: readonly LaneActivity[],
  ofProfiles: number,
  at: number,
): number {
  const active = others.filter(({ sentAt }) => at - sentAt < activeMs);
  const sum = active.reduce((total, other) => total + weights[other.priority], weights[priority]);
  return (weights[priority] / sum) * ofProfiles;
}
