import { apiErrors } from '../errors/api-error.ts';
import { errorAnswer } from '../http/error-answer.ts';
import type { Call } from '../http/route.ts';
import type { JsonValue } from '../json.ts';
import { Rollback } from '../store/database.ts';
import { inheritedHeaders } from './inherited-headers.ts';
import { type Referable, resolveBody, resolveUrl } from './references.ts';
import { type Resource, resourceOf } from './resource.ts';
import type { Subrequest } from './subrequest.ts';
import { isFailure, resultOf, rolledBack, type SubrequestResult, unresolved } from './subrequest-result.ts';

/** What became of a list of subrequests, in their order. */
export interface SubrequestResults {
  readonly results: readonly SubrequestResult[];
  readonly isSuccessful: boolean;
  /** Records carried, for the journal. */
  readonly records: number;
}

/**
 * Runs subrequests in order, in one transaction. With `allOrNone` the first failure undoes all of them and ends
 * the run; without, each stands for itself, and those that refer to a failed one are halted.
 */
export function runSubrequests(
  call: Call,
  subrequests: readonly Subrequest[],
  allOrNone: boolean,
  isAllowed: (resource: Resource, subrequest: Subrequest) => boolean,
): SubrequestResults {
  const earlier = new Map<string, Referable>();
  const results: SubrequestResult[] = [];
  const headers = inheritedHeaders(call.headers);
  let records = 0;
  let isSuccessful = true;
  const run = (subrequest: Subrequest, resource: Resource, json: JsonValue | undefined): SubrequestResult => {
    if (!isAllowed(resource, subrequest)) return resultOf(errorAnswer(apiErrors.notFound()), subrequest);
    const { method, url } = subrequest;
    const answer = call.run({ method, url, headers: { ...headers, ...subrequest.headers }, json });
    records += answer.records ?? 0;
    return resultOf(answer, subrequest);
  };
  const runOne = (subrequest: Subrequest): void => {
    const filled = fillReferences(subrequest, earlier, Number(call.version) >= 52);
    const resource = 'missing' in filled ? 'other' : resourceOf(filled.url);
    const result =
      'missing' in filled
        ? unresolved(subrequest, filled.missing)
        : run({ ...subrequest, url: filled.url }, resource, filled.json);
    results.push(result);
    const isFailed = isFailure(result, resource === 'collection' && subrequest.method !== 'GET');
    // A collection that answers has values for those of its records that were written.
    const hasNoValues = isFailed && result.httpStatusCode >= 300;
    earlier.set(subrequest.referenceId, {
      body: result.body,
      isFailed: hasNoValues,
      isRow: resource === 'row',
    });
    if (isFailed) isSuccessful = false;
    if (isFailed && allOrNone) throw new Rollback();
  };
  try {
    call.emulator.org.database.transaction(() => subrequests.forEach(runOne));
    return { results, isSuccessful, records };
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
    const failedAt = results.length - 1;
    const undone = subrequests.map(
      (subrequest, index) => (index === failedAt ? results[index] : undefined) ?? rolledBack(subrequest),
    );
    return { results: undone, isSuccessful: false, records: 0 };
  }
}

function fillReferences(
  { url, body }: Subrequest,
  earlier: ReadonlyMap<string, Referable>,
  areNullsAllowed: boolean,
): { readonly url: string; readonly json: JsonValue | undefined } | { readonly missing: string } {
  const filledUrl = resolveUrl(url, earlier, areNullsAllowed);
  if ('missing' in filledUrl) return filledUrl;
  if (body === undefined) return { url: filledUrl.value, json: undefined };
  const filledBody = resolveBody(body, earlier, areNullsAllowed);
  return 'missing' in filledBody ? filledBody : { url: filledUrl.value, json: filledBody.value };
}
