import type { IncomingHttpHeaders } from 'node:http';
import type { ArrivedCall } from '../faults/fault-state.ts';
import type { Answer, Incoming } from '../http/route.ts';
import type { CallMark, JournalEntry } from '../journal/call-journal.ts';
import { redactJson, redactQuery } from '../journal/redact.ts';
import { isJsonObject } from '../json.ts';

/** How much of a body the journal keeps, in bytes of a request and characters of an answer. */
const keptBody = 4_096;
const keptPath = 2_000;
const chosenHeaders = /^(?:sforce-|if-|content-type$|content-encoding$|accept-encoding$|user-agent$)/;

const splitPath =
  /^\/services\/data\/[^/]+\/(?:tooling\/)?(?:composite\/)?(?:sobjects|tree)\/([A-Za-z0-9_]{1,80})(?:\/|$)/;

/** What a call is about as far as its first lines tell. */
export function describeArrival(method: string, path: string, headers: IncomingHttpHeaders): ArrivedCall {
  const options = headers['sforce-call-options'];
  const client = /client\s*=\s*([^,;]+)/i.exec(typeof options === 'string' ? options : '')?.[1];
  const object = splitPath.exec(path)?.[1];
  return {
    method,
    path,
    client: client?.trim() ?? '',
    object: object?.toLowerCase() ?? '',
    savedRecords: 0,
  };
}

/** What became of a call, for its entry in the journal. */
export interface CallOutcome {
  readonly at: number;
  readonly durationMs: number;
  readonly userId: string | undefined;
  readonly answer: Answer | undefined;
  /** The answer as sent. */
  readonly text: string | undefined;
  readonly mark: CallMark | undefined;
}

/** A call for the journal: credentials are left out, secrets masked, bodies cut short. */
export function journalEntry(
  call: Pick<Incoming, 'sequence' | 'headers' | 'body'> & { readonly search: string },
  arrived: ArrivedCall,
  outcome: CallOutcome,
): JournalEntry {
  const { answer, mark } = outcome;
  const isSignIn = !arrived.path.startsWith('/services/data/');
  const request = call.body.length === 0 || isSignIn ? undefined : readable(call);
  const response = outcome.text === undefined || outcome.text === '' || isSignIn ? undefined : outcome.text;
  const unsent = mark === 'cut' || mark === 'hang';
  return {
    sequence: call.sequence,
    at: new Date(outcome.at).toISOString(),
    method: arrived.method,
    path: arrived.path.slice(0, keptPath),
    query: redactQuery(call.search).slice(0, keptBody),
    headers: chooseHeaders(call.headers),
    client: arrived.client,
    object: arrived.object,
    userId: outcome.userId,
    status: unsent ? 0 : (answer?.status ?? 0),
    errorCode: errorCodeOf(answer?.body),
    records: answer?.records,
    durationMs: Math.round(outcome.durationMs * 100) / 100,
    mark,
    request,
    response: response === undefined ? undefined : redactJson(response.slice(0, keptBody)),
  };
}

const readable = (call: Pick<Incoming, 'body' | 'headers'>): string =>
  redactJson(call.body.toString('utf8', 0, keptBody));

function chooseHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && chosenHeaders.test(name)) chosen[name] = String(value).slice(0, 500);
  return chosen;
}

function errorCodeOf(body: unknown): string | undefined {
  const error: unknown = Array.isArray(body) ? body[0] : body;
  if (!isJsonObject(error)) return undefined;
  const code = error.errorCode ?? error.error;
  return typeof code === 'string' ? code : undefined;
}
