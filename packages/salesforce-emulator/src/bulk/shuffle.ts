/** The items in another order, the same one for the same seed (a whole number). */
export function shuffle<T>(items: readonly T[], seed: number): readonly T[] {
  const shuffled = [...items];
  let state = seed >>> 0;
  for (let last = shuffled.length - 1; last > 0; last--) {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    const chosen = ((bits ^ (bits >>> 14)) >>> 0) % (last + 1);
    const [left, right] = [shuffled[last], shuffled[chosen]];
    if (left !== undefined) shuffled[chosen] = left;
    if (right !== undefined) shuffled[last] = right;
  }
  return shuffled;
}
