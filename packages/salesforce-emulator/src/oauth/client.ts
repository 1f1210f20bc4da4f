import type { ConnectedApp } from '../definition/connected-apps.ts';
import type { Call } from '../http/route.ts';
import { oauthErrors } from './oauth-error.ts';
import { isSameSecret } from './secrets.ts';

/** The app of this client id. Throws `client identifier invalid`. */
export function findApp(call: Call, clientId: string): ConnectedApp {
  const { connectedApps } = call.emulator.org.definition;
  const app = connectedApps.find((candidate) => candidate.clientId === clientId);
  if (app === undefined) throw oauthErrors.clientId();
  return app;
}

/**
 * The app that calls, by its id and secret in the parameters or in a Basic header. A secret that is sent must
 * be right even where none is asked for. Throws what Salesforce answers.
 */
export function identifyClient(
  call: Call,
  parameters: URLSearchParams,
  needsSecret: (app: ConnectedApp) => boolean,
): ConnectedApp {
  if (parameters.has('client_assertion'))
    throw oauthErrors.notImplemented('Client authentication by client_assertion');
  const basic = basicCredentials(call.headers.authorization);
  const clientId = parameters.get('client_id') ?? basic?.id ?? '';
  const secret = parameters.get('client_secret') ?? basic?.secret ?? '';
  if (clientId === '') throw oauthErrors.missing('client_id');
  const app = findApp(call, clientId);
  if (secret === '') {
    if (needsSecret(app)) throw oauthErrors.missing('client_secret');
    return app;
  }
  if (app.clientSecret === '' || !isSameSecret(secret, app.clientSecret)) throw oauthErrors.clientSecret();
  return app;
}

function basicCredentials(
  header: string | undefined,
): { readonly id: string; readonly secret: string } | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}
