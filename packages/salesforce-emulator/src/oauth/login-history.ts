import { now, type OrgState } from '../org/org-state.ts';
import { wholeSecond } from '../org/stamps.ts';
import { addSystemRecord } from '../org/system-record.ts';

/** How a try to sign in ended, in the words of LoginHistory. Source: Object Reference, LOGIN_STATUS values. */
export type LoginStatus =
  | 'Success'
  | 'Invalid Password'
  | 'User is Inactive'
  | 'Organization is Inactive'
  | 'Restricted IP'
  | 'Restricted Time'
  | 'Password Lockout'
  | 'Login Rate Exceeded'
  | 'Username-Password Flow Disabled'
  | 'Failed: API security token required';

/** One try to sign in. */
export interface LoginEntry {
  readonly userId: string;
  readonly status: LoginStatus;
  readonly loginType: 'Application' | 'Remote Access 2.0' | 'Partner Product' | 'Other Apex API';
  readonly application: string;
  readonly sourceIp: string;
  readonly loginUrl: string;
}

/** Adds a row to LoginHistory. */
export function noteLogin(org: OrgState, entry: LoginEntry): void {
  addSystemRecord(org, 'LoginHistory', {
    UserId: entry.userId,
    LoginTime: wholeSecond(now(org)),
    LoginType: entry.loginType,
    SourceIp: entry.sourceIp,
    LoginUrl: entry.loginUrl.slice(0, 255),
    Status: entry.status,
    Application: entry.application.slice(0, 64),
  });
}
