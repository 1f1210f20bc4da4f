import type { ConnectionFinding } from '@headrace/core';
import type { ApiUsage } from '../classify-failure.ts';
import { toAnswer } from './answer.ts';
import { findingsOn } from './finding.ts';

const find = findingsOn('limits');
/** Share of a limit from which little is left. */
const scarceFrom = 0.9;

/** Limits that deliveries live on. Source: REST API Developer Guide, "Limits", keys of its answer. */
const limits = [
  {
    key: 'DailyApiRequests',
    what: 'API calls of the last 24 hours',
    consequence: 'little is left for deliveries',
  },
  {
    key: 'DailyBulkApiBatches',
    what: 'Bulk API batches of the last 24 hours',
    consequence: 'little is left for Bulk jobs',
  },
  { key: 'DataStorageMB', what: 'megabytes of data storage', consequence: 'new records may soon be refused' },
] as const;

/** @param answer of `GET /limits`; undefined where the user may not see it ("View Setup and Configuration") */
export function readApiUsage(answer: unknown): ApiUsage | undefined {
  return readLimit(answer, 'DailyApiRequests');
}

/** @param calls stands in where the limits are not shown */
export function judgeLimits(answer: unknown, calls: ApiUsage | undefined): readonly ConnectionFinding[] {
  return limits.flatMap(({ key, what, consequence }) => {
    const usage = readLimit(answer, key) ?? (key === 'DailyApiRequests' ? calls : undefined);
    if (usage === undefined) return [];
    const { used, allowed } = usage;
    const said = `The org has used ${used} of its ${allowed} ${what}`;
    return used >= allowed * scarceFrom
      ? [find('warning', key, `${said}: ${consequence}.`)]
      : [find('ok', key, `${said}.`)];
  });
}

function readLimit(answer: unknown, key: string): ApiUsage | undefined {
  const { Max: allowed, Remaining: remaining } = toAnswer(toAnswer(answer)[key]);
  return typeof allowed === 'number' && typeof remaining === 'number'
    ? { used: Math.max(0, allowed - remaining), allowed }
    : undefined;
}
