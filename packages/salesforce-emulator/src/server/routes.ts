import { adminRoutes } from '../admin/admin-routes.ts';
import { bulkRoutes } from '../bulk/bulk-routes.ts';
import { bulkQueryRoutes } from '../bulk/query-routes.ts';
import { compositeRoutes } from '../composite/composite-routes.ts';
import type { Route } from '../http/route.ts';
import { oauthRoutes } from '../oauth/oauth-routes.ts';
import { pageRoutes } from '../pages/page-routes.ts';
import { collectionRoutes } from '../rest/collections.ts';
import { describeRoutes } from '../rest/describe.ts';
import { keyedRowRoutes } from '../rest/keyed-rows.ts';
import { queryRoutes } from '../rest/query.ts';
import { rowRoutes } from '../rest/rows.ts';
import { versionRoutes } from '../rest/versions.ts';
import { toolingRoutes } from '../tooling/tooling-routes.ts';

/** Every path the emulator answers. Order decides between a literal path and one with parameters. */
export const routes: readonly Route[] = [
  ...oauthRoutes,
  ...versionRoutes,
  ...queryRoutes,
  ...toolingRoutes,
  ...collectionRoutes,
  ...compositeRoutes,
  ...bulkRoutes,
  ...bulkQueryRoutes,
  ...describeRoutes,
  ...rowRoutes,
  ...keyedRowRoutes,
  ...adminRoutes,
  ...pageRoutes,
];
