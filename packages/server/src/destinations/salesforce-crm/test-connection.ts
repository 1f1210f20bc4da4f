import { type ConnectionReport, HeadraceError } from '@headrace/core';
import { pinnedApiVersion } from './api-version.ts';
import type { ApiUsage } from './classify-failure.ts';
import type { ObjectDescription } from './fields/object-description.ts';
import { planOf } from './fields/record-plan.ts';
import { findUnwritable, requireFields, warnOfFields } from './fields/require-fields.ts';
import type { ApiCall } from './salesforce-client.ts';
import type { Session } from './session-keeper.ts';

type Call = (call: ApiCall) => Promise<unknown>;
type Answer = Readonly<Record<string, unknown>>;

const toObject = (answer: unknown): Answer =>
  typeof answer === 'object' && answer !== null ? { ...answer } : {};

const ask = (path: string, what: string): ApiCall => ({
  method: 'GET',
  path,
  purpose: 'test',
  effect: 'read',
  what,
});

/**
 * Asks a freshly opened session for what will matter: who, which org, how many calls are left, and whether the
 * usual fields of Contact can be written.
 * @param accountUsername stands in where the scopes do not let the session name its user
 * @param usage what the last answer said of the org's calls; stands in where the user may not read the limits
 * @throws HeadraceError `destination_misconfigured` when Contacts could be neither made nor found.
 */
export async function testConnection(
  session: Session,
  accountUsername: string,
  describe: () => Promise<ObjectDescription>,
  call: Call,
  usage: () => ApiUsage | undefined,
): Promise<ConnectionReport> {
  const warnings: string[] = [];
  const organization = await readOrganization(session, call);
  const contact = await describe();
  requireFields(planOf({}, contact, undefined));
  const unwritable = findUnwritable(contact);
  if (unwritable.length > 0)
    warnings.push(
      `The user may not write these Contact fields: ${unwritable.join(', ')}. Do not map them, or give edit access in Salesforce (Setup > Object Manager > Contact > Fields, Set Field-Level Security).`,
    );
  warnings.push(...warnOfFields(contact));
  const calls = (await readLimits(call)) ?? usage();
  if (calls !== undefined && calls.used >= calls.allowed * 0.9)
    warnings.push(
      `The org has used ${calls.used} of its ${calls.allowed} API calls of the last 24 hours: little is left for deliveries.`,
    );
  if (session.apiVersion !== pinnedApiVersion)
    warnings.push(
      `The org does not offer API version ${pinnedApiVersion}, which Headrace is tested with; ${session.apiVersion} is used.`,
    );
  if (organization.isSandbox) warnings.push('This org is a sandbox.');
  warnings.push(
    'Salesforce is retiring the sign-in with username and password: it is blocked by default in orgs made since Summer 2023 and new connected apps need the help of Salesforce Support. Plan for another way to sign in.',
  );
  return {
    organizationId: organization.id,
    organizationName: organization.name,
    instanceUrl: session.instanceOrigin,
    apiVersion: session.apiVersion,
    username: (await readUsername(call)) ?? accountUsername,
    callsUsed: calls?.used ?? 0,
    callsAllowed: calls?.allowed ?? 0,
    warnings,
  };
}

/** Undefined where the connected app's scopes do not open it: Salesforce then answers 403 with plain text. */
async function readUsername(call: Call): Promise<string | undefined> {
  try {
    const user = toObject(await call(ask('/services/oauth2/userinfo', 'who is signed in')));
    return typeof user.preferred_username === 'string' ? user.preferred_username : undefined;
  } catch (error) {
    if (error instanceof HeadraceError && error.code === 'destination_unavailable') return undefined;
    throw error;
  }
}

async function readOrganization(
  session: Session,
  call: Call,
): Promise<{ readonly id: string; readonly name: string; readonly isSandbox: boolean }> {
  const answer = toObject(
    await call(ask('/query?q=SELECT+Id,Name,IsSandbox+FROM+Organization', 'which org it is')),
  );
  const row = toObject(Array.isArray(answer.records) ? answer.records[0] : undefined);
  if (row.Id !== session.organizationId)
    throw new HeadraceError(
      'destination_unavailable',
      'Salesforce names another org than the sign-in did. Something else may stand at that address.',
    );
  return {
    id: session.organizationId,
    name: typeof row.Name === 'string' ? row.Name : '',
    isSandbox: row.IsSandbox === true,
  };
}

/** Undefined where the user may not see the limits (they need "View Setup and Configuration"). */
async function readLimits(call: Call): Promise<ApiUsage | undefined> {
  try {
    const limits = toObject(await call(ask('/limits', 'how many calls are left')));
    const { Max: allowed, Remaining: remaining } = toObject(limits.DailyApiRequests);
    return typeof allowed === 'number' && typeof remaining === 'number'
      ? { used: Math.max(0, allowed - remaining), allowed }
      : undefined;
  } catch (error) {
    if (error instanceof HeadraceError && error.code === 'destination_misconfigured') return undefined;
    throw error;
  }
}
