import { bulkAllowance } from '../bulk/bulk-quota.ts';
import type { CallCounter } from '../org/call-counter.ts';
import { countStored } from '../org/count-stored.ts';
import type { OrgState } from '../org/org-state.ts';

/** One limit as the limits resource shows it. */
export interface OrgLimit {
  readonly Max: number;
  readonly Remaining: number;
}

/** Salesforce counts 2 KB for almost every record, whatever is in it. */
const recordBytes = 2_048;
const megabyte = 1_048_576;

const untouched = (max: number): OrgLimit => ({ Max: max, Remaining: max });
const left = (max: number, used: number): OrgLimit => ({ Max: max, Remaining: Math.max(0, max - used) });

/** Limits that nothing here uses up, by their name: what a Developer Edition org starts the day with. */
const otherLimits: Readonly<Record<string, number>> = {
  ConcurrentAsyncGetReportInstances: 200,
  ConcurrentSyncReportRuns: 20,
  DailyAsyncApexExecutions: 250_000,
  DailyBulkV2QueryFileStorageMB: 976_562,
  DailyBulkV2QueryJobs: 10_000,
  DailyGenericStreamingApiEvents: 10_000,
  DailyStreamingApiEvents: 10_000,
  DailyWorkflowEmails: 75,
  FileStorageMB: 20,
  HourlyAsyncReportRuns: 1_200,
  HourlyDashboardRefreshes: 200,
  HourlySyncReportRuns: 500,
  HourlyTimeBasedWorkflow: 50,
  MassEmail: 10,
  SingleEmail: 15,
};

/** The org's limits with what is left of each. */
export function orgLimits(org: OrgState, calls: CallCounter): Record<string, OrgLimit> {
  const records = countStored(org);
  const most = org.faults.order().storage.max_records;
  const storageMb = most === undefined ? 5_120 : Math.ceil((most * recordBytes) / megabyte);
  const limits: Record<string, OrgLimit> = {
    DailyApiRequests: left(calls.allowed(), calls.used()),
    DailyBulkApiBatches: { Max: org.definition.bulk.dailyBatches, Remaining: bulkAllowance(org).batches },
    DataStorageMB: left(storageMb, Math.ceil((records * recordBytes) / megabyte)),
  };
  for (const [name, max] of Object.entries(otherLimits)) limits[name] = untouched(max);
  return Object.fromEntries(Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1)));
}
