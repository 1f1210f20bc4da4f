import type { SegmentRule } from './segment-rule.ts';
import { nodesOf } from './syntax/walk.ts';

/** A segment that is evaluated, by what its rule looks at. */
export type EditableSegment = {
  readonly segmentId: string;
  /** Ids of segments that its rule looks at. */
  readonly reads: readonly string[];
  /** The same of the rule it is to have; undefined while it is not being edited. */
  readonly editedReads: readonly string[] | undefined;
};

/**
 * The segments whose members may change when edited rules take force: those edited and all that look at them, now or
 * then, directly or not. Those that have to do with one another are one group, to be changed together.
 * @returns groups of ids, each in the order given.
 */
export function groupEdits(segments: readonly EditableSegment[]): string[][] {
  const affected = new Set(
    segments.filter(({ editedReads }) => editedReads !== undefined).map(({ segmentId }) => segmentId),
  );
  for (let before = -1; before !== affected.size; ) {
    before = affected.size;
    for (const segment of segments)
      if (allReads(segment).some((id) => affected.has(id))) affected.add(segment.segmentId);
  }
  const groupOf = new Map<string, Set<string>>([...affected].map((id) => [id, new Set([id])]));
  for (const segment of segments)
    for (const read of allReads(segment)) {
      const [group, other] = [groupOf.get(segment.segmentId), groupOf.get(read)];
      if (group === undefined || other === undefined || group === other) continue;
      for (const id of other) groupOf.set(id, group.add(id));
    }
  const ids = segments.map(({ segmentId }) => segmentId);
  return [...new Set(groupOf.values())].map((group) => ids.filter((id) => group.has(id)));
}

const allReads = ({ reads, editedReads = [] }: EditableSegment): readonly string[] => [
  ...reads,
  ...editedReads,
];

/**
 * The shortest way from a segment back to itself, by what rules look at.
 * @param readsOf segment id → ids of segments that its rule looks at.
 * @returns the ids on the way, the segment first and last; undefined when there is none.
 */
export function findCircle(
  readsOf: ReadonlyMap<string, readonly string[]>,
  segmentId: string,
): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[segmentId]];
  while (ways.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const way of ways)
      for (const read of readsOf.get(way.at(-1) ?? '') ?? []) {
        if (read === segmentId) return [...way, read];
        if (seen.has(read)) continue;
        seen.add(read);
        longer.push([...way, read]);
      }
    ways = longer;
  }
  return undefined;
}

/** Where a rule names a segment: zero-based offset of the id's literal; undefined when it does not. */
export const positionOfSegment = (rule: SegmentRule, segmentId: string): number | undefined =>
  namedSegments(rule).find(({ id }) => id === segmentId)?.start;

/** The text of a rule that looks at other segments in place of some. @param to id → id. */
export function redirectSegments(rule: SegmentRule, to: ReadonlyMap<string, string>): string {
  let { text } = rule;
  for (const { id, start, end } of namedSegments(rule).toSorted((a, b) => b.start - a.start)) {
    const target = to.get(id);
    if (target !== undefined) text = `${text.slice(0, start)}${JSON.stringify(target)}${text.slice(end)}`;
  }
  return text;
}

function namedSegments({ ast }: SegmentRule): { id: string; start: number; end: number }[] {
  return [...nodesOf(ast)].flatMap((node) => {
    if (node.kind !== 'call' || node.name !== 'inSegment') return [];
    const [named] = node.arguments;
    return named?.kind === 'literal' ? [{ id: String(named.value), ...named.span }] : [];
  });
}
