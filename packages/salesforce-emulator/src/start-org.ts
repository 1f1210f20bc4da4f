import { resolve } from 'node:path';
import { createHandle, type OrgHandle } from './admin/org-handle.ts';
import { createBulk } from './bulk/bulk.ts';
import {
  type OrgDefinition,
  type OrgDefinitionInput,
  parseOrgDefinition,
} from './definition/org-definition.ts';
import type { Emulator } from './http/emulator.ts';
import { createRunningCalls } from './http/running-calls.ts';
import { createServer } from './http/server.ts';
import { createJournal } from './journal/call-journal.ts';
import { createAuthorizations } from './oauth/authorizations.ts';
import { createLoginAttempts } from './oauth/login-attempts.ts';
import { createSessions } from './oauth/sessions.ts';
import { createCallCounter } from './org/call-counter.ts';
import { openOrg } from './org/open-org.ts';
import { createSnapshots } from './snapshots/snapshots.ts';

/** How to start an org. Everything may be left out: then it is in memory, on a free port of the loopback. */
export interface StartOrgOptions {
  /** TCP port; 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Folder that keeps the org; in memory without one. */
  readonly dataDir?: string;
  /** Users, connected apps, custom fields and limits; what it leaves out is as in the default definition. */
  readonly definition?: OrgDefinitionInput;
  /** The org's time in epoch milliseconds; the machine's clock by default. */
  readonly clock?: () => number;
  /** Makes tokens and cursors repeatable; each start in the same folder has others. */
  readonly seed?: string;
}

/** What a client signs in with: the first user and connected app of the definition. */
export interface OrgCredentials {
  readonly username: string;
  readonly password: string;
  readonly securityToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A running org. Closing it twice is harmless; `await using` closes it at the end of the block. */
export interface Org extends OrgHandle, AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly organizationId: string;
  readonly instanceId: string;
  readonly credentials: OrgCredentials;
  readonly close: () => Promise<void>;
}

const journalCapacity = 10_000;

/**
 * Starts a Salesforce org on this machine and resolves when it listens.
 * Rejects with an Error that says what to do when the port is taken or the data folder is in use.
 */
export async function startOrg(options: StartOrgOptions = {}): Promise<Org> {
  const { port = 0, host = '127.0.0.1', clock = Date.now } = options;
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir);
  const definition: OrgDefinition = parseOrgDefinition(options.definition ?? {});
  const org = openOrg({ definition, dataDir, clock, seed: options.seed });
  const emulator: Emulator = {
    org,
    sessions: createSessions(org),
    authorizations: createAuthorizations(org),
    loginAttempts: createLoginAttempts(),
    calls: createCallCounter(org),
    cursors: new Map(),
    journal: createJournal(org.database, journalCapacity),
    bulk: createBulk(org, dataDir),
    dataDir,
    running: createRunningCalls(),
    snapshots: createSnapshots(org, dataDir),
  };
  const server = createServer(emulator);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= server.close().then(() => closeEmulator(emulator));
    return closing;
  };
  try {
    await server.listen({ port, host });
  } catch (error) {
    await close();
    throw explainListenError(error, host, port);
  }
  const address = server.server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shownHost}:${actualPort}`,
    port: actualPort,
    organizationId: org.organizationId,
    instanceId: org.instanceId,
    credentials: credentialsOf(definition),
    ...createHandle(emulator),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What is ordered for later is forgotten; what happened is stored. */
function closeEmulator({ org, bulk, journal, snapshots }: Emulator): void {
  bulk.close();
  org.timers.clear();
  journal.flush();
  snapshots.close();
  org.database.close();
}

function credentialsOf(definition: OrgDefinition): OrgCredentials {
  const [user] = definition.users;
  const [app] = definition.connectedApps;
  return {
    username: user?.username ?? '',
    password: user?.password ?? '',
    securityToken: user?.securityToken ?? '',
    clientId: app?.clientId ?? '',
    clientSecret: app?.clientSecret ?? '',
  };
}

function explainListenError(error: unknown, host: string, port: number): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is already in use. Stop the program that uses it or choose another port with --port.`,
    EACCES: `Port ${port} on ${host} needs more rights. Choose a port of 1024 or higher with --port.`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Choose another one with --host.`,
  };
  return new Error(reasons[code] ?? `Cannot listen on ${host}:${port}: ${String(error)}`, { cause: error });
}
