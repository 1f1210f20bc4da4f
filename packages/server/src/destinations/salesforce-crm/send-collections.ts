import { HeadraceError } from '@headrace/core';
import type { CallSize } from './call-size.ts';
import { TooMuchAtOnce } from './classify-failure.ts';
import { type Call, callTogether, maxParts, type Part, type PartsFacts } from './composite.ts';
import { type CollectionResult, readCollection } from './records/collection-results.ts';
import type { RecordError } from './records/read-record-error.ts';
import { isGovernor } from './records/record-error.ts';

/** Entries of one Collections write, at most 200. */
export type Chunk<Entry> = {
  readonly entries: readonly Entry[];
  /** A record holds what a Composite would take for a reference. */
  readonly isAlone: boolean;
};

/** `failed`: the call or part that carried the entry failed as a whole. */
export type SendResult = CollectionResult | { readonly kind: 'failed'; readonly error: HeadraceError };

export type SendWays<Entry> = {
  /** In chunks of at most `size`, each of which becomes one part. */
  readonly toChunks: (entries: readonly Entry[], size: number) => readonly Chunk<Entry>[];
  readonly toPart: (entries: readonly Entry[]) => Part;
  /** The id the entry is sent under; null for a new record. */
  readonly idOf: (entry: Entry) => string | null;
  readonly facts: PartsFacts;
  /** Where it is remembered how much the org takes at once, and for which object. */
  readonly size?: { readonly of: CallSize; readonly object: string };
};

/** Records a Collections write takes. Source: REST API Developer Guide, "sObject Collections". */
export const maxCollection = 200;

/**
 * Sends entries in as few API calls as there can be: 200 by themselves, up to 1,000 in a Composite.
 *
 * All parts of a Composite share the governor limits of one transaction. What was refused for them was certainly
 * not written: it is sent again at once in calls half as large, down to a hundredth, and left to its caller then.
 * @returns a result for each entry, in order
 * @throws HeadraceError of the first call, before which nothing was sent; later ones are results of their entries
 */
export async function sendCollections<Entry>(
  entries: readonly Entry[],
  ways: SendWays<Entry>,
  call: Call,
): Promise<SendResult[]> {
  const results = new Map<Entry, SendResult>();
  const most = maxCollection * maxParts;
  const first = ways.size?.of.startOf(ways.size.object, most) ?? most;
  let left = entries;
  for (let perCall = first; left.length > 0; perCall = halve(perCall, left.length)) {
    for (const together of toCalls(left, ways, perCall)) await sendOne(together, ways, call, results);
    const sent = left.length;
    left = left.filter((entry) => {
      const result = results.get(entry);
      return result?.kind === 'refused' && isGovernor(result.errors);
    });
    if (perCall < first && left.length < sent) ways.size?.of.learn(ways.size.object, perCall);
    if (perCall < smallestCall) break;
  }
  return entries.map((entry) => results.get(entry) ?? { kind: 'missing' });
}

const smallestCall = 10;
const halve = (perCall: number, left: number): number => Math.ceil(Math.min(perCall, left) / 2);

/** Chunks that go together in one API call: five, and no more entries than it is to have. */
function toCalls<Entry>(
  entries: readonly Entry[],
  { toChunks }: SendWays<Entry>,
  perCall: number,
): Chunk<Entry>[][] {
  const calls: Chunk<Entry>[][] = [];
  let room = 0;
  for (const chunk of toChunks(entries, Math.min(maxCollection, perCall))) {
    const last = calls.at(-1);
    const size = chunk.entries.length;
    if (last === undefined || chunk.isAlone || last[0]?.isAlone || last.length >= maxParts || size > room) {
      calls.push([chunk]);
      room = perCall - size;
    } else {
      last.push(chunk);
      room -= size;
    }
  }
  return calls;
}

async function sendOne<Entry>(
  chunks: readonly Chunk<Entry>[],
  { toPart, idOf, facts }: SendWays<Entry>,
  call: Call,
  results: Map<Entry, SendResult>,
): Promise<void> {
  const parts = chunks.map(({ entries }) => toPart(entries));
  const isFirst = results.size === 0;
  const answers = await callTogether(parts, facts, call).catch((error: unknown) => {
    if (!(error instanceof HeadraceError) || (isFirst && !(error instanceof TooMuchAtOnce))) throw error;
    return parts.map(() => ({ kind: 'refused', error }) as const);
  });
  for (const [index, { entries }] of chunks.entries()) {
    const answer = answers[index];
    const read = answer?.kind === 'answered' ? readCollection(answer.body, entries.map(idOf)) : undefined;
    for (const [at, entry] of entries.entries())
      results.set(
        entry,
        read?.[at] ?? (answer?.kind === 'refused' ? failed(answer.error) : { kind: 'missing' }),
      );
  }
}

const failed = (error: HeadraceError): SendResult =>
  error instanceof TooMuchAtOnce ? { kind: 'refused', errors: [governorError] } : { kind: 'failed', error };
const governorError: RecordError = {
  statusCode: 'LIMIT_EXCEEDED',
  fields: [],
  recordIds: [],
  cause: 'governor',
};
