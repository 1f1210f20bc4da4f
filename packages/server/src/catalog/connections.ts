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
import { readAccount, readAccountValues } from '../store/accounts.ts';
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

/** One live connection per account, opened when it is first needed. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<string, Promise<DestinationConnection>>();
  readonly #inTurn = atMost(maxRenewals);

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** @throws HeadraceError `not_found`, or what the adapter says of the account's values. */
  connectionFor(accountId: string): Promise<DestinationConnection> {
    const present = this.#open.get(accountId);
    if (present !== undefined) return present;
    const opening = this.#connect(accountId);
    this.#open.set(accountId, opening);
    // A failure is told to whoever waits for it, and tried afresh by the next.
    opening.catch(() => this.#drop(accountId, opening));
    return opening;
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

  /** Forgets the connection of an account: the next use opens one with its present credentials. */
  async forget(accountId: string): Promise<void> {
    const connection = this.#open.get(accountId);
    if (connection === undefined) return;
    this.#drop(accountId, connection);
    await connection.then(
      (opened) => opened.close(),
      () => undefined,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((accountId) => this.forget(accountId)));
  }

  async #connect(accountId: string): Promise<DestinationConnection> {
    const { pool, sealer, budgetFor } = this.#options;
    const account = await readAccount(pool, accountId);
    const stored = await readAccountValues(pool, accountId);
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

  #drop(accountId: string, connection: Promise<DestinationConnection>): void {
    if (this.#open.get(accountId) === connection) this.#open.delete(accountId);
  }
}
