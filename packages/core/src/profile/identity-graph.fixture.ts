import type { Identity } from '../identity/normalise.ts';
import { combineFragments } from './combine-fragments.ts';
import { fragmentKey, type ProfileFragment } from './fragment.ts';

/** Identities of tests: the letters say the namespace. */
export const identity = (text: string): Identity => ({
  namespace: text.startsWith('cookie') ? 'ECID' : text.startsWith('device') ? 'IDFA' : 'CRMID',
  value: text,
});
export const idTypeOf = (namespace: string) =>
  namespace === 'ECID' ? 'COOKIE' : namespace === 'IDFA' ? 'DEVICE' : ('CROSS_DEVICE' as const);

/** A record as a fragment of its own: its primary identity first. */
export const record = (
  [primary = '', ...others]: readonly string[],
  stampMs: number,
  datasetId = 'dataset',
): ProfileFragment => ({
  datasetId,
  primary: identity(primary),
  originId: 'origin',
  recordId: primary,
  stampMs,
  batchId: null,
  receivedMs: 0,
  links: [...new Set([primary, ...others])].map((value) => ({
    ...identity(value),
    first: stampMs,
    last: stampMs,
  })),
  document: { stampMs, [datasetId]: primary },
});

/** Records laid into fragments, in the order given. */
export function combineAll(records: readonly ProfileFragment[]): ProfileFragment[] {
  const fragments = new Map<string, ProfileFragment>();
  for (const one of records)
    fragments.set(fragmentKey(one), combineFragments(fragments.get(fragmentKey(one)), one));
  return [...fragments.values()];
}
