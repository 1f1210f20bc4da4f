import type { ApiRoute } from './route.ts';
import { accountDeletionRoutes } from './routes/account-deletion-routes.ts';
import { accountRoutes } from './routes/account-routes.ts';
import { activationRoutes } from './routes/activation-routes.ts';
import { batchErrorRoutes } from './routes/batch-error-routes.ts';
import { batchRoutes } from './routes/batch-routes.ts';
import { browserSignInRoutes } from './routes/browser-sign-in-routes.ts';
import { callBudgetRoutes } from './routes/call-budget-routes.ts';
import { csvMappingRoutes } from './routes/csv-mapping-routes.ts';
import { dataflowDeletionRoutes } from './routes/dataflow-deletion-routes.ts';
import { dataflowRoutes } from './routes/dataflow-routes.ts';
import { dataflowRunRoutes } from './routes/dataflow-run-routes.ts';
import { datasetDeletionRoutes } from './routes/dataset-deletion-routes.ts';
import { datasetRoutes } from './routes/dataset-routes.ts';
import { destinationCallRoutes } from './routes/destination-call-routes.ts';
import { destinationRoutes } from './routes/destination-routes.ts';
import { fieldGroupRoutes } from './routes/field-group-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { identityGraphRoutes } from './routes/identity-graph-routes.ts';
import { identityNamespaceRoutes } from './routes/identity-namespace-routes.ts';
import { mergePolicyRoutes } from './routes/merge-policy-routes.ts';
import { pastDeliveryRoutes } from './routes/past-delivery-routes.ts';
import { profileDeletionRoutes } from './routes/profile-deletion-routes.ts';
import { profileRoutes } from './routes/profile-routes.ts';
import { profileSearchRoutes } from './routes/profile-search-routes.ts';
import { profileTimelineRoutes } from './routes/profile-timeline-routes.ts';
import { recordRoutes } from './routes/record-routes.ts';
import { schemaFieldRoutes } from './routes/schema-field-routes.ts';
import { schemaRoutes } from './routes/schema-routes.ts';
import { segmentEvaluationRoutes } from './routes/segment-evaluation-routes.ts';
import { segmentRoutes } from './routes/segment-routes.ts';
import { targetFieldRoutes } from './routes/target-field-routes.ts';

/** Every route there is, but the start page and the API description itself. */
export const routeTable: readonly ApiRoute[] = [
  ...healthRoutes,
  ...fieldGroupRoutes,
  ...schemaRoutes,
  ...schemaFieldRoutes,
  ...identityNamespaceRoutes,
  ...datasetRoutes,
  ...datasetDeletionRoutes,
  ...recordRoutes,
  ...batchRoutes,
  ...batchErrorRoutes,
  ...csvMappingRoutes,
  ...mergePolicyRoutes,
  ...profileSearchRoutes,
  ...profileRoutes,
  ...identityGraphRoutes,
  ...profileDeletionRoutes,
  ...profileTimelineRoutes,
  ...segmentRoutes,
  ...segmentEvaluationRoutes,
  ...destinationRoutes,
  ...accountRoutes,
  ...browserSignInRoutes,
  ...callBudgetRoutes,
  ...destinationCallRoutes,
  ...targetFieldRoutes,
  ...dataflowRoutes,
  ...activationRoutes,
  ...dataflowRunRoutes,
  ...dataflowDeletionRoutes,
  ...accountDeletionRoutes,
  ...pastDeliveryRoutes,
];
