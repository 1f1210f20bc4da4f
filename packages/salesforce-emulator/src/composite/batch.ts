import { ApiError, apiErrors } from '../errors/api-error.ts';
import { errorAnswer } from '../http/error-answer.ts';
import { readJsonObject, refuseOtherFields } from '../http/request-body.ts';
import { type Answer, type Call, type Route, segmentsOf } from '../http/route.ts';
import { type JsonObject, type JsonValue, ownValue } from '../json.ts';
import { inheritedHeaders } from './inherited-headers.ts';
import { optionalFlag, requiredObjects, requiredText } from './subrequest.ts';

const maxRequests = 25;
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

interface BatchRequest {
  readonly method: string;
  readonly url: string;
  readonly body: JsonValue | undefined;
}

/**
 * `POST composite/batch`: up to 25 requests that know nothing of each other, each an API call and a commit of
 * its own. Versions newer than the batch's own are refused request by request.
 */
function runBatch(call: Call): Answer {
  const body = readJsonObject(call);
  refuseOtherFields(body, ['batchRequests', 'haltOnError']);
  const haltOnError = optionalFlag(body, 'haltOnError');
  const requests = requiredObjects(body, 'batchRequests').map(readRequest);
  if (requests.length > maxRequests)
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `The request can’t contain more than ${maxRequests} operations.`,
    );
  const headers = inheritedHeaders(call.headers);
  let records = 0;
  let hasErrors = false;
  const results = requests.map(({ method, url, body: json }, index) => {
    const answer =
      haltOnError && hasErrors
        ? halted
        : (refuse(call, url, index) ?? call.run({ method, url, headers, json }));
    records += answer.records ?? 0;
    if (answer.status >= 400) hasErrors = true;
    return { statusCode: answer.status, result: answer.body ?? null };
  });
  return { status: 200, body: { hasErrors, results }, records };
}

const halted = errorAnswer(
  new ApiError(412, 'BATCH_PROCESSING_HALTED', 'Batch processing halted per request'),
);

function readRequest(object: JsonObject): BatchRequest {
  refuseOtherFields(object, ['method', 'url', 'richInput', 'binaryPartName', 'binaryPartNameAlias']);
  if (ownValue(object, 'binaryPartName') !== undefined)
    throw apiErrors.notImplemented('A binary part in a batch');
  const method = requiredText(object, 'method').toUpperCase();
  if (!methods.has(method)) throw apiErrors.json(`"method" must be an HTTP method, but is "${method}"`);
  const path = requiredText(object, 'url').replace(/^\/?(?:services\/data\/)?/, '');
  return { method, url: `/services/data/${path}`, body: ownValue(object, 'richInput') ?? undefined };
}

/** What a batch can hold; the last four are not there yet and say so. */
const resources = new Set([
  'limits',
  'sobjects',
  'query',
  'queryAll',
  'search',
  'connect',
  'chatter',
  'actions',
]);

/** Why a request of a batch does not run. The first one is paid for by the batch itself. */
function refuse(call: Call, url: string, index: number): Answer | undefined {
  const [, , version, resource] = segmentsOf(url);
  const isNewer = Number(version?.slice(1)) > Number(call.version);
  if (!resources.has(resource ?? '') || isNewer) return errorAnswer(apiErrors.notFound());
  // One that is done again after waiting for a lock has been counted.
  if (index === 0 || call.isRepeat === true) return undefined;
  const { calls } = call.emulator;
  if (calls.used() >= calls.allowed()) return errorAnswer(apiErrors.requestLimit());
  calls.count();
  return undefined;
}

/** Independent requests in one call. */
export const batchRoutes: readonly Route[] = [
  { path: '/services/data/:version/composite/batch', access: 'session', methods: { POST: runBatch } },
];
