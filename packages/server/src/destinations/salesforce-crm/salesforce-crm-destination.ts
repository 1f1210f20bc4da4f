import {
  type ConnectionReport,
  type DataflowDetails,
  type DeliveryBatch,
  type DeliveryOutcome,
  type Destination,
  type DestinationConnection,
  type DestinationPorts,
  type PreparedMemberships,
  type PreparedRecord,
  type PrepareInput,
  type ReadBatch,
  type ReadRecord,
  type RemovalBatch,
  type RemovalOutcome,
  requireOwnLists,
  type SegmentStanding,
  type TargetField,
  type ToldDataflow,
} from '@headrace/core';
import { readAccount, type SalesforceAccount } from './account-fields.ts';
import { SalesforceBulk } from './bulk/bulk-writing.ts';
import { CallSize } from './call-size.ts';
import { CampaignTurns } from './campaigns/campaign-turns.ts';
import { deliverMemberships } from './campaigns/deliver-memberships.ts';
import { campaignKey, ensureCampaign } from './campaigns/ensure-campaign.ts';
import { addDifferingLists } from './campaigns/read-members.ts';
import type { Call } from './composite.ts';
import { detailFields, readDetails } from './dataflow-details.ts';
import { DescribeCache } from './describe-cache.ts';
import { checkMemberships } from './fields/check-memberships.ts';
import { PlanCache } from './fields/plan-cache.ts';
import { prepareRecord } from './fields/prepare-record.ts';
import { tellMemberships } from './fields/tell-memberships.ts';
import type { HostPolicy } from './host-policy.ts';
import { orAborted } from './or-aborted.ts';
import { deliverRecords, maxBatchRecords } from './records/deliver-records.ts';
import type { Describe } from './records/match-field.ts';
import { readRecords } from './records/read-records.ts';
import { removeRecords } from './records/remove-records.ts';
import { SalesforceClient } from './salesforce-client.ts';
import { createBrowserSignIn } from './sign-in/browser-sign-in.ts';
import { signInWays } from './sign-in/ways.ts';
import { testConnection } from './test-connection.ts';

/** Hosts that may be given credentials beside Salesforce's own; none by default. */
export type SalesforceCrmOptions = Partial<HostPolicy>;

/**
 * Keeps customers as Contacts (with their Accounts) or Leads in Salesforce CRM, up to 1,000 a call.
 *
 * `connect` throws HeadraceError `destination_misconfigured` when a field of the account is missing or its
 * Custom Domain is no address or not allowed.
 */
export function createSalesforceCrmDestination(options: SalesforceCrmOptions = {}): Destination {
  const policy: HostPolicy = {
    allowedHosts: options.allowedHosts ?? [],
    allowLoopback: options.allowLoopback ?? false,
  };
  return {
    type: 'salesforce-crm',
    title: 'Salesforce CRM',
    description: 'Keeps the members of segments as Contacts or Leads in Salesforce CRM.',
    category: 'CRM',
    connectionType: 'Profile-based',
    frequency: 'Streaming',
    authentications: signInWays.map(({ declaration }) => declaration),
    detailFields,
    maxBatchRecords,
    tellsMemberships: (details) => readDetails(details).membership !== 'none',
    connect: (account, ports) => new SalesforceCrmConnection(readAccount(account, policy), policy, ports),
    browserSignIn: createBrowserSignIn(policy),
  };
}

class SalesforceCrmConnection implements DestinationConnection {
  readonly maxBatchRecords = maxBatchRecords;
  readonly lostCallMs: number;
  readonly canRead = true;
  readonly recordIdsFollowKeys = false;
  readonly bulk: SalesforceBulk;
  readonly #client: SalesforceClient;
  readonly #account: SalesforceAccount;
  readonly #described: DescribeCache;
  readonly #plans: PlanCache;
  readonly #closing = new AbortController();
  readonly #turns: CampaignTurns;
  readonly #callSize: CallSize;
  /** Campaigns being found or made. */
  readonly #campaigns = new Map<string, Promise<string>>();

  constructor(account: SalesforceAccount, policy: HostPolicy, ports: DestinationPorts) {
    this.lostCallMs = account.lostCallMs;
    this.#client = new SalesforceClient(account, policy, ports);
    this.bulk = new SalesforceBulk(this.#client, ports.now);
    this.#account = account;
    this.#described = new DescribeCache(this.#callUntil(this.#closing.signal), ports.now);
    this.#plans = new PlanCache(this.#described);
    this.#turns = new CampaignTurns(ports.now);
    this.#callSize = new CallSize(ports.now);
  }

  async test(signal: AbortSignal): Promise<ConnectionReport> {
    const session = await this.#client.signInAfresh(signal);
    const call = this.#callUntil(signal);
    return testConnection(
      session,
      this.#account,
      await this.#client.scopesOf(session, signal),
      () => this.#described.ask('Contact', call),
      call,
      () => this.#client.usage,
    );
  }

  /** A session may be opened and refused all the same: the fields are asked for, too. */
  async probe(what: 'sign_in' | 'details', details: DataflowDetails, signal: AbortSignal): Promise<void> {
    if (what === 'sign_in') await this.#client.signInAfresh(signal);
    await this.#described.ask(readDetails(details).object, this.#callUntil(signal));
    await this.#plans.current(details, signal);
  }

  async targetFields(details: DataflowDetails, signal: AbortSignal): Promise<readonly TargetField[]> {
    const { targets } = await this.#plans.current(details, signal);
    return targets.map(({ shown }) => shown);
  }

  prepare(input: PrepareInput): PreparedRecord {
    return prepareRecord(input, this.#plans.lastKnown(input.details));
  }

  prepareMemberships(segments: readonly SegmentStanding[], details: DataflowDetails): PreparedMemberships {
    const plan = this.#plans.lastKnown(details);
    return tellMemberships(segments, plan.details, plan.object);
  }

  async checkMemberships(
    segments: readonly Pick<SegmentStanding, 'name' | 'mappingId'>[],
    { details, mapping }: ToldDataflow,
    signal: AbortSignal,
  ): Promise<void> {
    const { membership } = readDetails(details);
    if (membership === 'none') return;
    if (membership === 'campaign') return requireOwnLists(segments, campaignKey, 'Campaign');
    checkMemberships(segments, mapping, await this.#plans.current(details, signal));
  }

  async ensureList(
    segment: Pick<SegmentStanding, 'name' | 'mappingId'>,
    details: DataflowDetails,
    signal: AbortSignal,
  ): Promise<string | null> {
    if (readDetails(details).membership !== 'campaign') return null;
    // Whoever asks for the same one at a time waits for it, so that it is made once.
    const key = `${segment.mappingId ?? ''} ${segment.name}`;
    const making =
      this.#campaigns.get(key) ??
      ensureCampaign(segment, this.#callUntil(this.#closing.signal)).finally(() =>
        this.#campaigns.delete(key),
      );
    this.#campaigns.set(key, making);
    return orAborted(making, signal, 'for the Campaign of a segment');
  }

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<readonly DeliveryOutcome[]> {
    const call = this.#callUntil(signal);
    const outcomes = await deliverRecords(batch, this.#describeUntil(signal), call, this.#callSize);
    return deliverMemberships(batch, outcomes, this.#turns, call);
  }

  async read(batch: ReadBatch, signal: AbortSignal): Promise<readonly ReadRecord[]> {
    const call = this.#callUntil(signal);
    return addDifferingLists(batch, await readRecords(batch, this.#describeUntil(signal), call), call);
  }

  async remove(batch: RemovalBatch, signal: AbortSignal): Promise<readonly RemovalOutcome[]> {
    return removeRecords(batch, this.#callUntil(signal));
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.#client.close();
  }

  #callUntil(signal: AbortSignal): Call {
    return (call) => this.#client.call(call, signal);
  }

  #describeUntil(signal: AbortSignal): Describe {
    return (object) => this.#described.current(object, signal);
  }
}
