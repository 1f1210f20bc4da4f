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
  type ReadRecord,
  type RemovalBatch,
  type RemovalOutcome,
  type TargetField,
} from '@headrace/core';
import { readAccount, type SalesforceAccount } from './account-fields.ts';
import { type ContactFields, readDescribe, requireKeyFields } from './contact-fields.ts';
import { detailFields, readDetails } from './dataflow-details.ts';
import { maxBatchRecords, readWriteAnswer, toWriteCall } from './deliver-contacts.ts';
import type { HostPolicy } from './host-policy.ts';
import { orAborted } from './or-aborted.ts';
import { prepareContact } from './prepare-contact.ts';
import { readContacts } from './read-contacts.ts';
import { readRemovalAnswer, toRemovalCall } from './remove-contacts.ts';
import { SalesforceClient } from './salesforce-client.ts';
import { createBrowserSignIn } from './sign-in/browser-sign-in.ts';
import { signInWays } from './sign-in/ways.ts';
import { testConnection } from './test-connection.ts';

/** Hosts that may be given credentials beside Salesforce's own; none by default. */
export type SalesforceCrmOptions = Partial<HostPolicy>;

/** An administrator changes fields seldom; a describe costs a call. */
const describeMaxAgeMs = 10 * 60_000;

/**
 * Keeps customers as Contacts in Salesforce CRM, matched by e-mail address, 200 a call.
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
    description: 'Keeps the members of segments as Contacts in Salesforce CRM.',
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
  readonly lostCallMs: number;
  readonly #client: SalesforceClient;
  readonly #account: SalesforceAccount;
  readonly #now: () => Date;
  readonly #closing = new AbortController();
  #contact: { readonly fields: ContactFields; readonly readAtMs: number } | undefined;
  #describing: Promise<ContactFields> | undefined;

  constructor(account: SalesforceAccount, policy: HostPolicy, ports: DestinationPorts) {
    this.lostCallMs = account.lostCallMs;
    this.#client = new SalesforceClient(account, policy, ports);
    this.#account = account;
    this.#now = ports.now;
  }

  async test(signal: AbortSignal): Promise<ConnectionReport> {
    const session = await this.#client.signInAfresh(signal);
    return testConnection(
      session,
      this.#account,
      await this.#client.scopesOf(session, signal),
      () => this.#describe(signal),
      (call) => this.#client.call(call, signal),
      () => this.#client.usage,
    );
  }

  async targetFields(_details: DataflowDetails, signal: AbortSignal): Promise<readonly TargetField[]> {
    const { targets } = await this.#currentFields(signal);
    return targets;
  }

  prepare(input: PrepareInput): PreparedRecord {
    if (this.#contact === undefined)
      throw new HeadraceError('internal', 'Fields were not read before a record was prepared.');
    return prepareContact(input.values, this.#contact.fields);
  }

  prepareMemberships(): PreparedMemberships {
    return { fields: {}, lists: [] };
  }

  async ensureList(): Promise<string | null> {
    return null;
  }

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<readonly DeliveryOutcome[]> {
    return readWriteAnswer(await this.#client.call(toWriteCall(batch), signal), batch);
  }

  async read(batch: DeliveryBatch, signal: AbortSignal): Promise<readonly ReadRecord[]> {
    const fields = await this.#currentFields(signal);
    return readContacts(batch, fields, (call) => this.#client.call(call, signal));
  }

  async remove(batch: RemovalBatch, signal: AbortSignal): Promise<readonly RemovalOutcome[]> {
    return readRemovalAnswer(await this.#client.call(toRemovalCall(batch), signal), batch);
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.#client.close();
  }

  #currentFields(signal: AbortSignal): Promise<ContactFields> {
    const known = this.#contact;
    if (known !== undefined && this.#now().getTime() - known.readAtMs < describeMaxAgeMs)
      return Promise.resolve(known.fields);
    // Not bound to the signal of one caller: others wait for it too.
    this.#describing ??= this.#describe(this.#closing.signal).finally(() => {
      this.#describing = undefined;
    });
    return orAborted(this.#describing, signal, 'for the fields of Contact');
  }

  async #describe(signal: AbortSignal): Promise<ContactFields> {
    const answer = await this.#client.call(
      {
        method: 'GET',
        path: '/sobjects/Contact/describe',
        purpose: 'describe',
        effect: 'read',
        what: 'for the fields of Contact',
      },
      signal,
    );
    const fields = readDescribe(answer);
    if (fields === undefined)
      throw new HeadraceError(
        'destination_unavailable',
        'Salesforce was asked for the fields of Contact and answered something else.',
      );
    requireKeyFields(fields);
    this.#contact = { fields, readAtMs: this.#now().getTime() };
    return fields;
  }
}
