import { createHash } from 'node:crypto';
import {
  type ConnectionReport,
  type DataflowDetails,
  type DeliveryBatch,
  type DeliveryOutcome,
  type Destination,
  type DestinationConnection,
  type DestinationPorts,
  HeadraceError,
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
import { readAccount, signatureAuthentication, type WebhookAccount } from './account-fields.ts';
import { detailFields, readDetails, targetFieldsOf } from './dataflow-details.ts';
import { listIdOf, prepareMemberships, prepareRecord, recordIdOf } from './prepare-record.ts';
import { readDeliveryAnswer, readRemovalAnswer } from './read-answer.ts';
import { maxBatchRecords, type RecordsMessage, toRecordsMessage, toRemovalMessage } from './to-messages.ts';
import { WebhookClient } from './webhook-client.ts';

/**
 * Posts records to a URL, signed, 100 a request.
 *
 * `connect` throws HeadraceError `destination_misconfigured` when a field of the account is missing or wrong.
 * @param options.allowLoopback whether this machine itself may be the receiver, over plain http too
 */
export function createWebhookDestination({
  allowLoopback = false,
}: {
  readonly allowLoopback?: boolean;
} = {}): Destination {
  return {
    type: 'webhook',
    title: 'Webhook',
    description: 'Posts the members of segments as signed batches of JSON to a URL of yours.',
    category: 'Streaming',
    connectionType: 'Profile-based',
    frequency: 'Streaming',
    authentications: [signatureAuthentication],
    detailFields,
    maxBatchRecords,
    tellsMemberships: (details) => readDetails(details).tellsMemberships,
    connect: (account, ports) =>
      new WebhookConnection(readAccount(account, allowLoopback), allowLoopback, ports),
  };
}

class WebhookConnection implements DestinationConnection {
  readonly maxBatchRecords = maxBatchRecords;
  readonly lostCallMs: number;
  readonly canRead = false;
  readonly recordIdsFollowKeys = true;
  readonly #account: WebhookAccount;
  readonly #client: WebhookClient;

  constructor(account: WebhookAccount, allowLoopback: boolean, ports: DestinationPorts) {
    this.lostCallMs = account.lostCallMs;
    this.#account = account;
    this.#client = new WebhookClient(account, allowLoopback, ports);
  }

  async test(signal: AbortSignal): Promise<ConnectionReport> {
    await this.#ask(signal);
    const { url, signingKeys } = this.#account;
    return {
      // Without what is kept secret of the address.
      organizationId: createHash('sha256')
        .update(url.origin + url.pathname)
        .digest('hex')
        .slice(0, 32),
      organizationName: url.host,
      instanceUrl: url.origin,
      apiVersion: '1',
      username: '',
      callsUsed: 0,
      callsAllowed: 0,
      warnings:
        signingKeys.length > 1
          ? [
              'Requests are signed with the previous secret, too. Empty that field when the receiver has the new one.',
            ]
          : [],
    };
  }

  probe(_what: 'sign_in' | 'details', _details: DataflowDetails, signal: AbortSignal): Promise<void> {
    return this.#ask(signal);
  }

  async targetFields(details: DataflowDetails): Promise<readonly TargetField[]> {
    return targetFieldsOf(details);
  }

  prepare(input: PrepareInput): PreparedRecord {
    return prepareRecord(input);
  }

  prepareMemberships(segments: readonly SegmentStanding[], details: DataflowDetails): PreparedMemberships {
    return prepareMemberships(segments, details);
  }

  /** Any segment can be told of, under a name of its own. */
  async checkMemberships(
    segments: readonly Pick<SegmentStanding, 'segmentId' | 'name' | 'mappingId'>[],
    { details }: ToldDataflow,
  ): Promise<void> {
    if (readDetails(details).tellsMemberships) requireOwnLists(segments, listIdOf, 'name at the receiver');
  }

  /** Nothing is to be made: the receiver is told of segments with each record. */
  async ensureList(
    segment: Pick<SegmentStanding, 'segmentId' | 'mappingId'>,
    details: DataflowDetails,
  ): Promise<string | null> {
    return readDetails(details).tellsMemberships ? listIdOf(segment) : null;
  }

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<readonly DeliveryOutcome[]> {
    requireSize(batch.items.length);
    const message = toRecordsMessage(batch, this.#account.accountId);
    const text = await this.#post(message, 'deliver', 'to take records', signal);
    return readDeliveryAnswer(text, batch, this.#account.accountId);
  }

  async read({ object, items }: ReadBatch): Promise<readonly ReadRecord[]> {
    return items.map(({ recordId, matchKey, fields, lists }) => {
      const id = recordIdOf(this.#account.accountId, object, matchKey);
      return {
        kind: 'found',
        recordId: recordId ?? id,
        isUnderKey: recordId === null || recordId === id,
        differing: Object.keys(fields),
        differingLists: lists.map(({ listId }) => listId),
      };
    });
  }

  async remove(batch: RemovalBatch, signal: AbortSignal): Promise<readonly RemovalOutcome[]> {
    requireSize(batch.recordIds.length);
    const text = await this.#post(toRemovalMessage(batch), 'delete', 'to remove records', signal);
    return readRemovalAnswer(text, batch);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const what = 'whether it accepts requests';
    await this.#client.post(
      { type: 'headrace.test', data: {}, purpose: 'test', effect: 'read', what },
      signal,
    );
  }

  #post(
    data: RecordsMessage,
    purpose: 'deliver' | 'delete',
    what: string,
    signal: AbortSignal,
  ): Promise<string> {
    return this.#client.post({ type: 'headrace.records', data, purpose, effect: 'write', what }, signal);
  }
}

function requireSize(count: number): void {
  if (count === 0 || count > maxBatchRecords)
    throw new HeadraceError(
      'internal',
      `A batch holds 1 to ${maxBatchRecords} records; this one holds ${count}.`,
    );
}
