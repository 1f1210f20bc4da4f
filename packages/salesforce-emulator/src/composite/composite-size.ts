import { resourceOf } from './resource.ts';
import type { Subrequest } from './subrequest.ts';

const maxSubrequests = 25;
const maxCollectionsAndQueries = 5;

/** Why a Composite is too large to begin, or undefined. Collections and queries are limited more narrowly. */
export function refuseSize(subrequests: readonly Subrequest[]): string | undefined {
  const large = subrequests.filter(({ url }) => ['query', 'collection'].includes(resourceOf(url)));
  if (subrequests.length > maxSubrequests)
    return `The request can’t contain more than ${maxSubrequests} operations.`;
  if (large.length > maxCollectionsAndQueries)
    return `The request can’t contain more than ${maxCollectionsAndQueries} query or sObject Collections operations.`;
  return undefined;
}
