import Type from 'typebox';
import { ipRangeSchema } from './ip-range.ts';

/** What the org asks of everyone who signs in. */
export const signInPolicySchema = Type.Object(
  {
    /** Off as in orgs made since Summer '23: refused like a wrong password; only LoginHistory says why. */
    usernamePasswordFlow: Type.Boolean({ default: true }),
    /** From here the password is enough, without the security token. */
    trustedIpRanges: Type.Array(ipRangeSchema, { default: [] }),
    /** Wrong passwords in a row until the user is locked out; 0 never locks. */
    lockoutAfter: Type.Integer({ minimum: 0, default: 10 }),
    lockoutMinutes: Type.Number({ minimum: 0, default: 15 }),
    /** Sign-ins of one user in a clock hour. */
    loginsPerHour: Type.Integer({ minimum: 0, default: 3_600 }),
    /** Whether the org is open; a locked or suspended one signs nobody in. */
    isOrgActive: Type.Boolean({ default: true }),
    /** Host names that are not the org's own domain, where client credentials are refused. */
    loginHosts: Type.Array(Type.String(), { default: ['login.salesforce.com', 'test.salesforce.com'] }),
    /** Audiences of a JWT beside the emulator's own address, login and test.salesforce.com. */
    audiences: Type.Array(Type.String(), { default: [] }),
  },
  { additionalProperties: false, default: {} },
);
export type SignInPolicy = Type.Static<typeof signInPolicySchema>;
