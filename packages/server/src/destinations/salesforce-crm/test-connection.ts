import { type ConnectionFinding, type ConnectionReport, HeadraceError } from '@headrace/core';
import type { SalesforceAccount } from './account-fields.ts';
import { pinnedApiVersion } from './api-version.ts';
import type { ApiUsage } from './classify-failure.ts';
import { ask, recordsOf, toAnswer } from './connection-test/answer.ts';
import { duplicateRulesPath, judgeDuplicateRules } from './connection-test/duplicate-rules.ts';
import { judgeFields } from './connection-test/fields.ts';
import { byImportance, findingsOn, warningsOf } from './connection-test/finding.ts';
import { judgeLimits, readApiUsage } from './connection-test/limits.ts';
import { judgePermissions } from './connection-test/permissions.ts';
import { judgeScopes, requireApiScope } from './connection-test/scopes.ts';
import type { ObjectDescription } from './fields/object-description.ts';
import { planOf } from './fields/record-plan.ts';
import { requireFields } from './fields/require-fields.ts';
import type { ApiCall } from './salesforce-client.ts';
import type { Session } from './session-keeper.ts';

type Call = (call: ApiCall) => Promise<unknown>;

/**
 * Asks a freshly opened session for what will matter: who, which org, what the session and the user may do, what
 * could refuse records, and how much is left.
 * @param scopes null where Salesforce does not tell them
 * @param usage what the last answer said of the org's calls; stands in where the user may not read the limits
 * @throws HeadraceError `destination_misconfigured` when Contacts could be neither made nor found.
 */
export async function testConnection(
  session: Session,
  { way, username }: SalesforceAccount,
  scopes: readonly string[] | null,
  describe: () => Promise<ObjectDescription>,
  call: Call,
  usage: () => ApiUsage | undefined,
): Promise<ConnectionReport> {
  requireApiScope(scopes);
  const organization = await readOrganization(session, call);
  const contact = await describe();
  requireFields(planOf({}, contact, undefined));
  const permissions = await call(ask('/sobjects', 'which objects the user may write'));
  const rules = await unlessHidden(call(ask(duplicateRulesPath, 'for its duplicate rules')));
  const user = await readUsername(call);
  const limits = await unlessHidden(call(ask('/limits', 'how many calls are left')));
  const calls = readApiUsage(limits) ?? usage();
  const findings = byImportance([
    ...judgePermissions(permissions),
    ...judgeFields(contact),
    ...judgeLimits(limits, calls),
    ...judgeApi(session, organization.isSandbox),
    ...way.findings,
    ...judgeScopes(scopes, way.hasRefreshToken),
    ...judgeDuplicateRules(rules),
  ]);
  return {
    organizationId: organization.id,
    organizationName: organization.name,
    instanceUrl: session.instanceOrigin,
    apiVersion: session.apiVersion,
    username: user ?? username ?? '',
    callsUsed: calls?.used ?? 0,
    callsAllowed: calls?.allowed ?? 0,
    warnings: warningsOf(findings),
    findings,
  };
}

const findOnApi = findingsOn('api');

function judgeApi({ apiVersion }: Session, isSandbox: boolean): readonly ConnectionFinding[] {
  return [
    apiVersion === pinnedApiVersion
      ? findOnApi('ok', 'API version', `API version ${apiVersion} is used.`)
      : findOnApi(
          'warning',
          'API version',
          `The org does not offer API version ${pinnedApiVersion}, which Headrace is tested with; ${apiVersion} is used.`,
        ),
    findOnApi('ok', 'API Enabled', 'The user may use the API.'),
    ...(isSandbox ? [findOnApi('note', 'organization', 'This org is a sandbox.')] : []),
  ];
}

/** Undefined where the scopes of the app do not open it: Salesforce then answers 403 with plain text. */
async function readUsername(call: Call): Promise<string | undefined> {
  try {
    const user = toAnswer(await call(ask('/services/oauth2/userinfo', 'who is signed in')));
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
  const answer = await call(ask('/query?q=SELECT+Id,Name,IsSandbox+FROM+Organization', 'which org it is'));
  const row = toAnswer(recordsOf(answer)[0]);
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

/** Undefined where the org does not show it to the user. */
async function unlessHidden(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HeadraceError && error.code === 'destination_misconfigured') return undefined;
    throw error;
  }
}
