import { apiErrors } from '../errors/api-error.ts';
import { readJsonObject, refuseOtherFields } from '../http/request-body.ts';
import { type Answer, type Call, type Route, segmentsOf } from '../http/route.ts';
import type { JsonObject } from '../json.ts';
import { type Graph, refuseGraphs } from './graph-limits.ts';
import type { Resource } from './resource.ts';
import { runSubrequests } from './run-subrequests.ts';
import { readSubrequests, requiredObjects, requiredText, type Subrequest } from './subrequest.ts';
import { limitExceeded, rolledBack, type SubrequestResult } from './subrequest-result.ts';

/** Once more graphs than this have failed, the rest of the call is halted. */
const maxFailures = 14;
const oldestVersion = 50;

/** `POST composite/graph`: each graph all or nothing, whatever becomes of the others. Answers 200. */
function runGraphs(call: Call): Answer {
  const body = readJsonObject(call);
  refuseOtherFields(body, ['graphs']);
  const graphs = requiredObjects(body, 'graphs').map((graph) => readGraph(graph, call.version));
  const ids = new Set(graphs.map(({ graphId }) => graphId));
  if (ids.size < graphs.length) throw apiErrors.json('Each graphId must be unique');
  const tooMuch = refuseGraphs(graphs);
  if (tooMuch !== undefined)
    return { status: 200, body: { graphs: [graphResult('_default', [limitExceeded(tooMuch)], false)] } };
  let failures = 0;
  let records = 0;
  // One commit for all of them; within it each graph can be undone by itself.
  const results = call.emulator.org.database.transaction(() =>
    graphs.map(({ graphId, nodes }) => {
      if (failures > maxFailures) return graphResult(graphId, nodes.map(rolledBack), false);
      const outcome = runSubrequests(call, nodes, true, isAllowed);
      if (!outcome.isSuccessful) failures += 1;
      records += outcome.records;
      return graphResult(graphId, outcome.results, outcome.isSuccessful);
    }),
  );
  return { status: 200, body: { graphs: results }, records };
}

const graphResult = (
  graphId: string,
  compositeResponse: readonly SubrequestResult[],
  isSuccessful: boolean,
): object => ({ graphId, graphResponse: { compositeResponse }, isSuccessful });

function readGraph(object: JsonObject, version: string): Graph {
  refuseOtherFields(object, ['graphId', 'compositeRequest']);
  const graphId = requiredText(object, 'graphId');
  if (!/^[A-Za-z0-9].{0,39}$/s.test(graphId))
    throw apiErrors.json('"graphId" must start with a letter or a digit and have at most 40 characters');
  return { graphId, nodes: readSubrequests(object, version) };
}

/** Rows only, in versions that know graphs: `sobjects/T`, `…/T/id`, `…/T/field/value`. */
function isAllowed(resource: Resource, { method, url }: Subrequest): boolean {
  const [, , version, , ...row] = segmentsOf(url);
  if (resource !== 'row' || Number(version?.slice(1)) < oldestVersion) return false;
  if (row.length === 1) return method === 'POST';
  return row.length <= 3 && row.length > 0 && method !== 'PUT' && row[1] !== 'describe';
}

/** Graphs of requests that refer to each other. */
export const graphRoutes: readonly Route[] = [
  {
    path: '/services/data/:version/composite/graph',
    access: 'session',
    methods: { POST: runGraphs },
    since: oldestVersion,
  },
];
