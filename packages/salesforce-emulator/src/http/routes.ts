import { adminRoutes } from '../admin/admin-routes.ts';
import { bulkRoutes } from '../bulk/bulk-routes.ts';
import { bulkQueryRoutes } from '../bulk/query-routes.ts';
import { oauthRoutes } from '../oauth/oauth-routes.ts';
import { pageRoutes } from '../pages/page-routes.ts';
import { toolingRoutes } from '../tooling/tooling-routes.ts';
import type { Route } from './route.ts';
import { collectionRoutes } from './routes/collections.ts';
import { describeRoutes } from './routes/describe.ts';
import { keyedRowRoutes } from './routes/keyed-rows.ts';
import { queryRoutes } from './routes/query.ts';
import { rowRoutes } from './routes/rows.ts';
import { versionRoutes } from './routes/versions.ts';

/** Every path the emulator answers. Order decides between a literal path and one with parameters. */
export const routes: readonly Route[] = [
  ...oauthRoutes,
  ...versionRoutes,
  ...queryRoutes,
  ...toolingRoutes,
  ...collectionRoutes,
  ...bulkRoutes,
  ...bulkQueryRoutes,
  ...describeRoutes,
  ...rowRoutes,
  ...keyedRowRoutes,
  ...adminRoutes,
  ...pageRoutes,
];
