import type { ConnectedApp } from '../definition/connected-apps.ts';
import { isInRanges } from '../definition/ip-range.ts';
import type { OrgUser } from '../definition/users.ts';
import type { Call } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { type LoginEntry, type LoginStatus, noteLogin } from './login-history.ts';
import { type OAuthError, oauthErrors } from './oauth-error.ts';
import { findMember, type OrgMember } from './org-members.ts';
import { isSameSecret } from './secrets.ts';

/** How somebody signs in. Without an app it is by SOAP or on the login page. */
export interface SignInWay {
  readonly loginType: LoginEntry['loginType'];
  readonly app?: ConnectedApp | undefined;
  /** Whether a password from elsewhere than a trusted address needs the security token behind it. */
  readonly needsSecurityToken: boolean;
}

/** Who signed in, or why not; somebody unknown is `Invalid Password` as well. */
export type SignIn =
  | { readonly status: 'Success'; readonly member: OrgMember }
  | { readonly status: Exclude<LoginStatus, 'Success'> };

/** Whether the password proves the user: with the security token behind it, or alone where that is enough. */
function checkPassword(call: Call, user: OrgUser, password: string, way: SignInWay): LoginStatus {
  const { trustedIpRanges } = call.emulator.org.definition.signIn;
  if (isSameSecret(password, user.password + user.securityToken)) return 'Success';
  if (!isSameSecret(password, user.password)) return 'Invalid Password';
  const trusted = [trustedIpRanges, way.app?.trustedIpRanges ?? [], user.loginIpRanges ?? []];
  const isTrusted = trusted.some((ranges) => isInRanges(ranges, call.remoteAddress));
  return isTrusted || !way.needsSecurityToken ? 'Success' : 'Failed: API security token required';
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Whether the minute of the day, GMT, is in the user's hours; hours may go past midnight. */
function isInHours({ loginHours }: OrgUser, instant: number): boolean {
  if (loginHours === undefined) return true;
  const minute = Math.floor(instant / 60_000) % 1_440;
  const [from, to] = [minuteOf(loginHours.from), minuteOf(loginHours.to)];
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** The rules for a user who has proved who they are: also asked before each refresh. */
export function checkPolicy(call: Call, member: OrgMember, app?: ConnectedApp): LoginStatus {
  const { org } = call.emulator;
  const { loginIpRanges } = member.user;
  if (!org.definition.signIn.isOrgActive) return 'Organization is Inactive';
  if (!member.isActive) return 'User is Inactive';
  const isRestricted = loginIpRanges !== undefined && app?.relaxIpRestrictions !== true;
  if (isRestricted && !isInRanges(loginIpRanges, call.remoteAddress)) return 'Restricted IP';
  return isInHours(member.user, now(org)) ? 'Success' : 'Restricted Time';
}

function finish(call: Call, member: OrgMember, status: LoginStatus, way: SignInWay): SignIn {
  noteLogin(call.emulator.org, {
    userId: member.id,
    status,
    loginType: way.loginType,
    application: way.app === undefined ? 'N/A' : (way.app.name ?? way.app.clientId),
    sourceIp: call.remoteAddress,
    loginUrl: call.baseUrl.replace(/^https?:\/\//, ''),
  });
  return status === 'Success' ? { status, member } : { status };
}

/** Signs in a user who is already proved, such as by a signed assertion. Every try goes into LoginHistory. */
export function signInMember(call: Call, member: OrgMember, way: SignInWay): SignIn {
  const { org, loginAttempts } = call.emulator;
  const status = checkPolicy(call, member, way.app);
  if (status !== 'Success') return finish(call, member, status, way);
  const isWithinRate = loginAttempts.noteSuccess(member.id, now(org), org.definition.signIn);
  return finish(call, member, isWithinRate ? 'Success' : 'Login Rate Exceeded', way);
}

/** Signs in by user name and password. Every try of a known user goes into LoginHistory. */
export function signInByPassword(call: Call, username: string, password: string, way: SignInWay): SignIn {
  const { org, loginAttempts } = call.emulator;
  const member = findMember(org, username);
  if (member === undefined) return { status: 'Invalid Password' };
  const { signIn } = org.definition;
  const instant = now(org);
  if (loginAttempts.isLocked(member.id, instant)) return finish(call, member, 'Password Lockout', way);
  const proof = checkPassword(call, member.user, password, way);
  if (proof === 'Success') return signInMember(call, member, way);
  if (proof === 'Invalid Password') loginAttempts.noteFailure(member.id, instant, signIn);
  return finish(call, member, proof, way);
}

/** Refuses a password sign-in before it is looked at, and notes it. */
export function refuseFlow(call: Call, username: string, way: SignInWay): void {
  const member = findMember(call.emulator.org, username);
  if (member !== undefined) finish(call, member, 'Username-Password Flow Disabled', way);
}

const refusals: Record<Exclude<LoginStatus, 'Success'>, () => OAuthError> = {
  'Invalid Password': oauthErrors.authentication,
  'Password Lockout': oauthErrors.authentication,
  'Failed: API security token required': oauthErrors.authentication,
  'Username-Password Flow Disabled': oauthErrors.authentication,
  'User is Inactive': oauthErrors.inactiveUser,
  'Organization is Inactive': oauthErrors.inactiveOrganization,
  'Restricted IP': oauthErrors.ip,
  'Restricted Time': oauthErrors.hours,
  'Login Rate Exceeded': oauthErrors.rate,
};

/** What the OAuth endpoints tell of a failed sign-in: less than LoginHistory. */
export const refusalOf = (status: Exclude<LoginStatus, 'Success'>): OAuthError => refusals[status]();
