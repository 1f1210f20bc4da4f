import Type from 'typebox';
import { checkSection } from './check-section.ts';
import { ipRangeSchema } from './ip-range.ts';
import { oauthScopes } from './oauth-scope.ts';

const hours = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }));

/** A client registered in the org; client id and secret are its consumer key and consumer secret. */
export const connectedAppSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, description: 'the client id when left out' })),
    clientId: Type.String({ minLength: 1 }),
    clientSecret: Type.String({ default: '', description: 'an app without one is a public client' }),
    callbackUrls: Type.Array(Type.String({ minLength: 1 }), { default: [] }),
    scopes: Type.Array(Type.Enum(oauthScopes), { default: ['full', 'refresh_token'] }),
    certificate: Type.Optional(
      Type.String({ minLength: 1, description: 'PEM: X.509 or public key, verifies JWT bearer assertions' }),
    ),
    runAs: Type.Optional(
      Type.String({ minLength: 1, description: 'user name client credentials stand for; none: refused' }),
    ),
    permittedUsers: Type.Enum(['self_authorize', 'admin_approved'], { default: 'self_authorize' }),
    preAuthorizedUsers: Type.Array(Type.String(), { default: [], description: 'user names' }),
    trustedIpRanges: Type.Array(ipRangeSchema, { default: [] }),
    relaxIpRestrictions: Type.Boolean({ default: false }),
    requirePkce: Type.Boolean({ default: false }),
    requireSecretForWebServerFlow: Type.Boolean({ default: true }),
    requireSecretForRefresh: Type.Boolean({ default: true }),
    rotateRefreshTokens: Type.Boolean({ default: false }),
    refreshTokenLifeHours: hours('from its issue; 0 expires it at once, until revoked when left out'),
    refreshTokenIdleHours: hours('since its last use; until revoked when left out'),
    sessionTimeoutMinutes: Type.Optional(Type.Number({ minimum: 0, description: "the org's when left out" })),
  },
  { additionalProperties: false },
);
export type ConnectedApp = Type.Static<typeof connectedAppSchema>;

const sample = (input: object): ConnectedApp => checkSection(connectedAppSchema, input, 'Sample app');

/**
 * The apps of an org that names none: public sample credentials that open nothing but an emulator, and the
 * public client that the Salesforce CLI signs in with.
 */
export const sampleApps: readonly ConnectedApp[] = [
  sample({
    name: 'Sample app',
    clientId: '3MVG9.emulator.sample.client.id',
    clientSecret: 'EMULATOR0SAMPLE0CLIENT0SECRET',
    callbackUrls: ['http://localhost:3000/oauth/callback'],
    runAs: 'integration@emulator.example',
  }),
  sample({
    name: 'Salesforce CLI',
    clientId: 'PlatformCLI',
    callbackUrls: ['http://localhost:1717/OauthRedirect'],
    scopes: ['api', 'web', 'refresh_token'],
  }),
];
