import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import type { DestinationConnection, DestinationPorts } from '@headrace/core';
import type { Org } from '@headrace/salesforce-emulator';
import { heldSecrets } from '../../packages/server/src/catalog/account-secrets.ts';
import { createCallBudget } from '../../packages/server/src/delivery/call-budget.ts';
import { DeliveryWorker } from '../../packages/server/src/delivery/delivery-worker.ts';
import { createSalesforceCrmDestination } from '../../packages/server/src/destinations/salesforce-crm/salesforce-crm-destination.ts';
import {
  type CrashPoint,
  listenAtCrashPoints,
  passCrashPoint,
} from '../../packages/server/src/lifecycle/crash-points.ts';
import { isTooLateToSend } from '../../packages/server/src/lifecycle/send-deadline.ts';
import { openDatabase } from '../../packages/server/src/store/database.ts';

/** Which server the present code runs in: several may run in one process. */
const current = new AsyncLocalStorage<CrashingServer>();
export const serverHere = (): CrashingServer | undefined => current.getStore();
export const never = (): Promise<never> => new Promise(() => undefined);

/** Points are passed on to the server whose code comes to them: several runs may go on at once. */
export const tellServersOfCrashPoints = (): void =>
  listenAtCrashPoints(async (point) => {
    const server = serverHere();
    if (server?.isDead === true) await never();
    await server?.passes(point);
  });

/**
 * The delivery of one server, which ends as a process does that is killed: none of its code has an effect any more,
 * neither on the database, whose sockets are gone, nor at the destination, where no further call is made.
 */
export class CrashingServer {
  readonly #sockets = new Set<Socket>();
  readonly #stopping = new AbortController();
  readonly #worker: DeliveryWorker;
  readonly #connection: DestinationConnection;
  readonly #pool: ReturnType<typeof openDatabase>;
  readonly #running: Promise<void>;
  isDead = false;
  /** Calls that left and were not answered yet; they go on when the process has ended. */
  callsUnderWay = 0;
  readonly passes: (point: CrashPoint) => Promise<void>;

  constructor(options: {
    readonly databaseUrl: string;
    readonly org: Org;
    readonly accountId: string;
    readonly now: () => Date;
    readonly random: () => number;
    readonly allowance: number;
    readonly bulkFrom?: { readonly scarce: number; readonly always: number } | undefined;
    readonly warn: (facts: object, message: string) => void;
    readonly atPoint: (point: CrashPoint, server: CrashingServer) => Promise<void>;
  }) {
    const { databaseUrl, org, accountId, now, random, allowance, bulkFrom, warn, atPoint } = options;
    this.passes = (point) => atPoint(point, this);
    const config = { connectionString: databaseUrl, stream: () => this.#openSocket() };
    this.#pool = openDatabase({ config, maxConnections: 6, onIdleError: () => undefined });
    const log = { info: () => undefined, warn };
    const budget = createCallBudget({ pool: this.#pool, accountId, allowance, now, log });
    const ports: DestinationPorts = {
      budget: {
        reserve: async (purpose) => {
          await budget.reserve(purpose);
          await passCrashPoint('reserved');
          // Nothing more leaves a process that has ended.
          if (this.isDead) await never();
          // Too late it does not leave, and nobody hears of it.
          if (!isTooLateToSend(now())) this.callsUnderWay += 1;
        },
        observe: (usage) => budget.observe(usage),
      },
      secrets: heldSecrets({}, {}),
      calls: {
        record: () => {
          this.callsUnderWay -= 1;
        },
      },
      now,
      log,
    };
    const { username, password, securityToken, clientId, clientSecret } = org.credentials;
    const values = { username, password, security_token: securityToken, client_id: clientId };
    this.#connection = createSalesforceCrmDestination({ allowLoopback: true }).connect(
      {
        accountId,
        authentication: 'oauth2-password',
        organizationId: org.organizationId,
        values: { ...values, client_secret: clientSecret, custom_domain: org.url },
      },
      ports,
    );
    this.#worker = new DeliveryWorker({
      pool: this.#pool,
      connection: config,
      connectionFor: async () => this.#connection,
      now,
      random,
      log,
      bulkFrom,
      pollMs: 150,
      renewMs: 500,
    });
    this.#running = current.run(this, () =>
      this.#worker
        .run(this.#stopping.signal)
        .catch((error: unknown) => warn({ error: String(error) }, 'The worker ended.')),
    );
  }

  /** Whether a call of it is under way, also after its end, or a statement. */
  get isAtWork(): boolean {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return this.callsUnderWay > 0 || (!this.isDead && (totalCount > idleCount || waitingCount > 0));
  }

  wake(): void {
    this.#worker.wake();
  }

  /** Forgets pauses, as a person does who has mended what was wrong. */
  resume(): void {
    this.#worker.resume();
  }

  kill(): void {
    this.isDead = true;
    this.#stopping.abort();
    for (const socket of this.#sockets) socket.destroy();
    this.#connection.close().catch(() => undefined);
    this.#pool.end().catch(() => undefined);
  }

  async stop(): Promise<void> {
    if (this.isDead) return;
    this.#stopping.abort();
    await this.#running;
    await this.#connection.close();
    await this.#pool.end();
    this.isDead = true;
  }

  #openSocket(): Socket {
    const socket = new Socket();
    if (this.isDead) setImmediate(() => socket.destroy(new Error('The process has ended.')));
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
