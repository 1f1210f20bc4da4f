import Type from 'typebox';
import { ipRangeSchema } from './ip-range.ts';

const timeOfDay = () => Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' });

/** A person who can sign in. Password grants send password and security token joined without a space. */
export const userSchema = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 80 }),
    password: Type.String({ minLength: 1 }),
    securityToken: Type.String({ default: '' }),
    email: Type.Optional(Type.String({ minLength: 1, description: 'the user name when left out' })),
    firstName: Type.String({ default: '' }),
    lastName: Type.String({ default: 'User', minLength: 1 }),
    active: Type.Boolean({ default: true }),
    profile: Type.String({ default: 'System Administrator', description: 'the name of a profile' }),
    permissionSets: Type.Array(Type.String(), { default: [], description: 'names of permission sets' }),
    marketingUser: Type.Boolean({ default: true, description: 'may write campaigns and their members' }),
    /** The profile's login addresses; everywhere when left out. */
    loginIpRanges: Type.Optional(Type.Array(ipRangeSchema)),
    /** The profile's login hours of every day, GMT, such as 08:00 to 18:00; always when left out. */
    loginHours: Type.Optional(
      Type.Object({ from: timeOfDay(), to: timeOfDay() }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);
export type OrgUser = Type.Static<typeof userSchema>;

/** The first user of an org that names none: public sample credentials that open nothing but an emulator. */
export const sampleUser: OrgUser = {
  username: 'integration@emulator.example',
  password: 'Emulator-Pass-1',
  securityToken: 'SampleSecurityToken00001',
  email: 'integration@emulator.example',
  firstName: 'Integration',
  lastName: 'User',
  active: true,
  profile: 'System Administrator',
  permissionSets: [],
  marketingUser: true,
};
