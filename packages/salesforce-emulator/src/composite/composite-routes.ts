import { readJsonObject, refuseOtherFields } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { batchRoutes } from './batch.ts';
import { refuseSize } from './composite-size.ts';
import { graphRoutes } from './graph.ts';
import { runSubrequests } from './run-subrequests.ts';
import { optionalFlag, readSubrequests } from './subrequest.ts';
import { limitExceeded } from './subrequest-result.ts';
import { treeRoutes } from './tree.ts';

const firstToCollate = 48;

/**
 * `POST composite`: up to 25 requests in one call. Answers 200 whatever becomes of them.
 * `collateSubrequests` is read and changes nothing: the order it leaves open is always the order sent.
 */
function runComposite(call: Call): Answer {
  const body = readJsonObject(call);
  const canCollate = Number(call.version) >= firstToCollate;
  refuseOtherFields(body, ['allOrNone', 'compositeRequest', ...(canCollate ? ['collateSubrequests'] : [])]);
  const allOrNone = optionalFlag(body, 'allOrNone');
  optionalFlag(body, 'collateSubrequests');
  const subrequests = readSubrequests(body, call.version);
  const tooLarge = refuseSize(subrequests);
  if (tooLarge !== undefined) return { status: 200, body: { compositeResponse: [limitExceeded(tooLarge)] } };
  const { results, records } = runSubrequests(
    call,
    subrequests,
    allOrNone,
    (resource) => resource !== 'other',
  );
  return { status: 200, body: { compositeResponse: results }, records };
}

function listResources(call: Call): Answer {
  const base = `/services/data/v${call.version}/composite`;
  const names = ['tree', 'batch', 'sobjects', ...(Number(call.version) >= 50 ? ['graph'] : [])];
  return { status: 200, body: Object.fromEntries(names.map((name) => [name, `${base}/${name}`])) };
}

const base = '/services/data/:version/composite';
export const compositeRoutes: readonly Route[] = [
  { path: base, access: 'session', methods: { GET: listResources, POST: runComposite } },
  ...batchRoutes,
  ...graphRoutes,
  ...treeRoutes,
];
