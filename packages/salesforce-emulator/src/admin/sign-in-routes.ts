import { changeDefinition } from '../definition/org-definition.ts';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { ownValue } from '../json.ts';
import { findMember } from '../oauth/org-members.ts';
import { readVerificationKey } from '../oauth/verify-assertion.ts';
import { accept } from './read-order.ts';

/** The id of the user an order names in `username`; undefined when it is meant for everybody. */
function readUser(call: Call): string | undefined {
  if (call.body.length === 0) return undefined;
  const username = ownValue(readJsonObject(call), 'username');
  if (username === undefined) return undefined;
  const member = typeof username === 'string' ? findMember(call.emulator.org, username) : undefined;
  if (member === undefined)
    throw new ApiError(400, 'INVALID_INPUT', '"username" must name a user of the org.');
  return member.id;
}

/** Ends every session, or those of one user. */
const expireSessions = (call: Call): Answer => ({
  status: 200,
  body: { expired: call.emulator.sessions.expireAll(readUser(call)) },
});

/** Forgets wrong passwords and counts of sign-ins, so that nobody, or this user, is locked out. */
function unlock(call: Call): Answer {
  call.emulator.loginAttempts.forget(readUser(call));
  return { status: 204 };
}

/** Uploads the certificate of a connected app: PEM of an X.509 certificate or a public key. */
function setCertificate(call: Call): Answer {
  const { org } = call.emulator;
  const certificate = ownValue(readJsonObject(call), 'certificate');
  if (typeof certificate !== 'string')
    throw new ApiError(400, 'INVALID_INPUT', '"certificate" must be a PEM text.');
  accept(() => readVerificationKey(certificate));
  const { connectedApps } = org.definition;
  const isMeant = ({ clientId }: { readonly clientId: string }): boolean => clientId === call.params.app;
  if (!connectedApps.some(isMeant)) throw apiErrors.notFound();
  const changed = connectedApps.map((app) => (isMeant(app) ? { ...app, certificate } : app));
  org.definition = changeDefinition(org.definition, { connectedApps: changed });
  return { status: 204 };
}

/** Sessions, lock-outs and certificates. */
export const signInRoutes: readonly Route[] = [
  { path: '/emulator/sessions/expire', access: 'local', methods: { POST: expireSessions } },
  { path: '/emulator/sign-in/unlock', access: 'local', methods: { POST: unlock } },
  {
    path: '/emulator/connected-apps/:app/certificate',
    access: 'local',
    methods: { PUT: setCertificate },
  },
];
