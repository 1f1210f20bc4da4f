import {
  type CallBudget,
  type CallRecorder,
  type DestinationAccount,
  type DestinationConnection,
  type DestinationLog,
  type DestinationPorts,
  notFound,
} from '@headrace/core';
import type pg from 'pg';
import { atMost } from '../lifecycle/at-most.ts';
import { readAccount, readAccountValues, readCredentialsRevision } from '../store/accounts.ts';
import { openSecrets, storedSecrets } from './account-secrets.ts';
import { type Destinations, getDestination } from './destinations.ts';
import type { Sealer } from './sealer.ts';

export type ConnectionsOptions = {
  readonly pool: pg.Pool;
  readonly destinations: Destinations;
  readonly sealer: Sealer;
  readonly budgetFor: (accountId: string) => CallBudget;
  readonly recorderFor: (accountId: string) => CallRecorder;
  readonly now: () => Date;
  readonly log: DestinationLog;
};

/** Each holds a database connection while the destination answers, and needs another one meanwhile. */
const maxRenewals = 4;

type Open = {
  /** Of the credentials it signs in with, at least. */
  readonly revision: number;
  readonly connection: Promise<DestinationConnection>;
};

/**
 * One live connection per account, opened when it is first needed, and anew once its credentials were replaced,
 * whichever server was told.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<string, Open>();
  /** Connections whose last calls are waited for. */
  readonly #closing = new Set<Promise<void>>();
  readonly #inTurn = atMost(maxRenewals);

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** @throws HeadraceError `not_found`, or what the adapter says of the account's values. */
  async connectionFor(accountId: string): Promise<DestinationConnection> {
    const revision = await readCredentialsRevision(this.#options.pool, accountId);
    const present = this.#open.get(accountId);
    // What was read may be older than what another opened with meanwhile.
    if (present !== undefined && revision !== undefined && present.revision >= revision)
      return present.connection;
    void this.#drop(accountId, present);
    if (revision === undefined) throw notFound('account', accountId);
    const opened = { revision, connection: this.#connect(accountId) };
    this.#open.set(accountId, opened);
    // A failure is told to whoever waits for it, and tried afresh by the next.
    opened.connection.catch(() => this.#drop(accountId, opened));
    return opened.connection;
  }

  /** A connection that nobody else uses, with a budget and secrets of its own; the caller closes it. */
  connectOnce(
    destinationType: string,
    account: DestinationAccount,
    own: Pick<DestinationPorts, 'budget' | 'secrets'>,
  ): DestinationConnection {
    const ports = this.portsFor(account.accountId, own);
    return getDestination(this.#options.destinations, destinationType).connect(account, ports);
  }

  /** What an adapter is lent for an account. */
  portsFor(accountId: string, own: Pick<DestinationPorts, 'budget' | 'secrets'>): DestinationPorts {
    const { recorderFor, now, log } = this.#options;
    return { ...own, calls: recorderFor(accountId), now, log };
  }

  /** Ends the connection of an account that is no more. */
  async forget(accountId: string): Promise<void> {
    await this.#drop(accountId, this.#open.get(accountId));
  }

  async close(): Promise<void> {
    for (const [accountId, open] of this.#open) void this.#drop(accountId, open);
    await Promise.all(this.#closing);
  }

  async #connect(accountId: string): Promise<DestinationConnection> {
    const { pool, sealer, budgetFor } = this.#options;
    // In this order: what was replaced in between is of a newer revision than the one it is opened under.
    const stored = await readAccountValues(pool, accountId);
    const account = await readAccount(pool, accountId);
    if (account === undefined || stored === undefined) throw notFound('account', accountId);
    const secrets = openSecrets(sealer, accountId, stored.sealedSecrets);
    const values = { ...stored.settings, ...secrets };
    const { destinationType, authentication, organizationId } = account;
    const target = { accountId, authentication, organizationId, values };
    const renewable = storedSecrets(pool, sealer, accountId);
    return this.connectOnce(destinationType, target, {
      budget: budgetFor(accountId),
      secrets: { renew: (work) => this.#inTurn(() => renewable.renew(work)) },
    });
  }

  /** Closes it beside whatever goes on: its last calls may take minutes. */
  #drop(accountId: string, open: Open | undefined): Promise<void> {
    if (open === undefined || this.#open.get(accountId) !== open) return Promise.resolve();
    this.#open.delete(accountId);
    const closing = open.connection
      .then((connection) => connection.close())
      .catch(() => undefined)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }
}
