/** Longer words are nobody's slip of the finger, and comparing them costs their product. */
const maxWord = 100;
/** A last step that is shorter says nothing alone: many groups have an `id` or an `x`. */
const shortestWord = 3;

/**
 * The candidate a person most likely meant, or undefined when none is near: the same but for case, the same
 * last step of a path if it is a word, or a few typing errors away (a third of the word at most).
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxWord) return undefined;
  const lower = word.toLowerCase();
  const lastStep = lower.slice(lower.lastIndexOf('.') + 1);
  let best: string | undefined;
  let bestScore = Math.max(1, Math.floor(word.length / 3)) + 0.75;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (other === lower) return candidate;
    const limit = Math.ceil(bestScore);
    const otherLast = other.slice(other.lastIndexOf('.') + 1);
    // A known name in the wrong place counts as one slip and a half, a misspelt one as that much more.
    const misplaced =
      lastStep.length < shortestWord || (otherLast === other && lastStep === lower)
        ? Infinity
        : 1.5 + editDistance(lastStep, otherLast, limit);
    const stepLimit = Math.max(1, Math.floor(lastStep.length / 3)) + 1.5;
    const score = Math.min(editDistance(lower, other, limit), misplaced <= stepLimit ? misplaced : Infinity);
    if (score < bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; Infinity above the limit. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > limit) return Infinity;
    beforeLast = last;
    last = row;
  }
  const distance = last[b.length] ?? Infinity;
  return distance <= limit ? distance : Infinity;
}
