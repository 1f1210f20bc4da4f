import {
  type CallBudget,
  type CallRecorder,
  type DestinationAccount,
  type DestinationConnection,
  type DestinationLog,
  HeadraceError,
  notFound,
} from '@headrace/core';
import type pg from 'pg';
import { readAccount, readSealedSecrets } from '../store/accounts.ts';
import { type Destinations, getDestination } from './destinations.ts';
import type { InputValues } from './input-fields.ts';
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

/** One live connection per account, opened when it is first needed. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<string, Promise<DestinationConnection>>();

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

  /** A connection that nobody else uses, counted against the given budget; the caller closes it. */
  connectOnce(
    destinationType: string,
    account: DestinationAccount,
    budget: CallBudget,
  ): DestinationConnection {
    const { destinations, recorderFor, now, log } = this.#options;
    const calls = recorderFor(account.accountId);
    return getDestination(destinations, destinationType).connect(account, { budget, calls, now, log });
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
    const sealed = await readSealedSecrets(pool, accountId);
    if (account === undefined || sealed === undefined) throw notFound('account', accountId);
    const values = { ...account.settings, ...parseSecrets(sealer.open(accountId, sealed)) };
    const { destinationType, authentication, organizationId } = account;
    const target = { accountId, authentication, organizationId, values };
    return this.connectOnce(destinationType, target, budgetFor(accountId));
  }

  #drop(accountId: string, connection: Promise<DestinationConnection>): void {
    if (this.#open.get(accountId) === connection) this.#open.delete(accountId);
  }
}

function parseSecrets(text: string): InputValues {
  const secrets: unknown = JSON.parse(text);
  if (typeof secrets !== 'object' || secrets === null)
    throw new HeadraceError('internal', 'The sealed credentials of an account are no JSON object.');
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, String(value)]));
}
