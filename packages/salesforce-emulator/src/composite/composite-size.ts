import { isJsonObject, ownValue } from '../json.ts';
import { resourceOf } from './resource.ts';
import type { Subrequest } from './subrequest.ts';

/** How much one Composite asks for. */
export interface CompositeSize {
  readonly subrequests: number;
  /** Collections and queries, which are limited more narrowly. */
  readonly collectionsAndQueries: number;
  /** Records in the bodies of collections, and one for each row. */
  readonly records: number;
}

const maxSubrequests = 25;
const maxCollectionsAndQueries = 5;

export function sizeOf(subrequests: readonly Subrequest[]): CompositeSize {
  let collectionsAndQueries = 0;
  let records = 0;
  for (const { url, body } of subrequests) {
    const resource = resourceOf(url);
    if (resource === 'query' || resource === 'collection') collectionsAndQueries += 1;
    if (resource === 'row') records += 1;
    const list = resource === 'collection' && isJsonObject(body) ? ownValue(body, 'records') : undefined;
    if (Array.isArray(list)) records += list.length;
  }
  return { subrequests: subrequests.length, collectionsAndQueries, records };
}

/**
 * Why a Composite is too large to begin, or undefined. The one place where size alone refuses a Composite:
 * ordered governor errors belong here too.
 */
export function refuseSize(size: CompositeSize): string | undefined {
  if (size.subrequests > maxSubrequests)
    return `The request can’t contain more than ${maxSubrequests} operations.`;
  if (size.collectionsAndQueries > maxCollectionsAndQueries)
    return `The request can’t contain more than ${maxCollectionsAndQueries} query or sObject Collections operations.`;
  return undefined;
}
