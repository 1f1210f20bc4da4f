import type { Route } from '../http/route.ts';
import { authorizeRoutes } from './authorize-endpoint.ts';
import { identityRoutes } from './identity.ts';
import { openIdRoutes } from './openid-routes.ts';
import { tokenCareRoutes } from './token-care.ts';
import { tokenRoutes } from './token-endpoint.ts';

/** Everything about signing in and who somebody is. */
export const oauthRoutes: readonly Route[] = [
  ...tokenRoutes,
  ...tokenCareRoutes,
  ...authorizeRoutes,
  ...openIdRoutes,
  ...identityRoutes,
];
