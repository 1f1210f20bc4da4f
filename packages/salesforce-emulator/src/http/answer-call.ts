import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { restoreSnapshot } from '../admin/steer-emulator.ts';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import type { ArrivedCall, Strike } from '../faults/fault-state.ts';
import type { CallMark } from '../journal/call-journal.ts';
import { holdLocks } from '../org/hold-locks.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { bearerToken } from './bearer-token.ts';
import { dispatch } from './dispatch.ts';
import type { Emulator } from './emulator.ts';
import { errorAnswer } from './error-answer.ts';
import { faultAnswer } from './fault-answer.ts';
import { describeArrival, journalEntry } from './journal-entry.ts';
import type { Answer, Incoming } from './route.ts';

/** A call as it came over HTTP; its body is read only where it is needed. */
export interface Arrival extends Omit<Incoming, 'body' | 'sequence' | 'isRepeat'> {
  /** Path and query as sent. */
  readonly url: string;
  readonly search: string;
  /** Throws an ApiError for a body that cannot be unpacked. */
  readonly readBody: () => Promise<Buffer>;
  /** Runs when the answer has left or the connection is gone. */
  readonly whenOver: (work: () => void) => void;
}

/** What the connection gets: an answer, one cut off in its middle, its end at once, or nothing ever. */
export type Outcome =
  | { readonly kind: 'answer' | 'mid_answer'; readonly answer: Answer; readonly text: string }
  | { readonly kind: 'cut' | 'hang'; readonly isLate?: boolean };

const emptyBody = Buffer.alloc(0);

/** Answers a call with everything that is ordered to go wrong, and notes it in the journal. */
export async function answerCall(arrival: Arrival): Promise<Outcome> {
  let isLate = false;
  try {
    const outcome = await answerArrival(arrival);
    isLate = outcome.kind === 'cut' && outcome.isLate === true;
    return outcome;
  } finally {
    if (!isLate) dropUpload(arrival);
  }
}

/** Removes the file of an upload; it is gone already when the call took it. */
function dropUpload({ upload }: Arrival): void {
  if (upload !== undefined) rmSync(upload.path, { force: true });
}

async function answerArrival(arrival: Arrival): Promise<Outcome> {
  const { emulator, path } = arrival;
  const isApi = path.startsWith('/services/') || path.startsWith('/id/');
  if (!isApi) {
    const answer = dispatch({ ...arrival, sequence: 0, body: await arrival.readBody() }, arrival.url);
    return { kind: 'answer', answer, text: textOf(answer) };
  }
  const arrived = describeArrival(arrival.method, path, arrival.headers);
  const progress = beginCall(arrival, arrived);
  const strike = emulator.org.faults.strikeCall(arrived);
  if (isTooBusy(emulator, path)) return progress.end(errorAnswer(apiErrors.concurrentRequests()));
  if (path.startsWith('/services/data/')) arrival.whenOver(emulator.running.begin());
  if (strike.delayMs > 0) await sleep(strike.delayMs);
  // Closed meanwhile, and the connection with it.
  if (!emulator.org.database.isOpen()) return { kind: 'cut' };
  const token = bearerToken(arrival.headers.authorization);
  if (strike.snapshot !== undefined) restoreSnapshot(emulator, strike.snapshot, true);
  if (strike.expireSession && token !== undefined) emulator.sessions.revoke(token);
  try {
    return await struck(arrival, arrived, progress, strike.fault);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return progress.end(errorAnswer(error));
  }
}

async function struck(
  arrival: Arrival,
  arrived: ArrivedCall,
  progress: Progress,
  fault: Strike['fault'],
): Promise<Outcome> {
  const { org } = arrival.emulator;
  if (fault?.kind === 'cut' && fault.when === 'before_write') return progress.lose('cut');
  if (fault?.kind === 'hang' && fault.when === 'before_write') return progress.lose('hang');
  if (fault?.kind === 'error' && fault.when === 'before_write')
    return progress.end(faultAnswer(fault, arrival.path));
  const call = { ...arrival, sequence: progress.sequence, body: await arrival.readBody() };
  progress.body = call.body;
  // Closed while the body was unpacked.
  if (!org.database.isOpen()) return { kind: 'cut' };
  if (fault?.kind === 'late_write') {
    org.timers.at(now(org) + fault.delay_ms, () => {
      progress.end(dispatchAs(org, arrived, call, arrival.url), 'late');
      dropUpload(arrival);
    });
    progress.lose('cut');
    return { kind: 'cut', isLate: true };
  }
  let attempts = 0;
  const answer = await holdLocks(org, () => {
    arrived.savedRecords = 0;
    return dispatchAs(org, arrived, { ...call, isRepeat: attempts++ > 0 }, arrival.url);
  });
  if (fault?.kind === 'cut' && fault.when === 'after_write') return progress.lose('cut', answer);
  if (fault?.kind === 'hang') return progress.lose('hang', answer);
  if (fault?.kind === 'error') return progress.end(faultAnswer(fault, arrival.path));
  if (fault?.kind !== 'cut') return progress.end(answer);
  progress.lose('cut', answer);
  return { kind: 'mid_answer', answer, text: textOf(answer) };
}

/** Lets the rules about records know which call saves them. */
function dispatchAs(org: OrgState, arrived: ArrivedCall, call: Incoming, url: string): Answer {
  org.faults.call = arrived;
  try {
    return dispatch(call, url);
  } finally {
    org.faults.call = undefined;
  }
}

/** How a call goes on to its entry in the journal; a late one gets its entry replaced. */
interface Progress {
  readonly sequence: number;
  body: Buffer;
  readonly end: (answer: Answer, mark?: CallMark) => Outcome;
  readonly lose: (mark: 'cut' | 'hang', answer?: Answer) => Outcome;
}

function beginCall(arrival: Arrival, arrived: ArrivedCall): Progress {
  const { org, journal, sessions } = arrival.emulator;
  const started = performance.now();
  const token = bearerToken(arrival.headers.authorization);
  const note = (mark: CallMark | undefined, answer?: Answer, text?: string): void => {
    if (!org.database.isOpen()) return;
    const { sequence, body } = progress;
    const { headers, search } = arrival;
    const userId = token === undefined ? undefined : sessions.find(token)?.userId;
    const durationMs = performance.now() - started;
    const outcome = { at: now(org), durationMs, userId, answer, text, mark };
    journal.add(journalEntry({ sequence, headers, body, search }, arrived, outcome));
  };
  const progress: Progress = {
    sequence: journal.next(),
    body: emptyBody,
    end: (answer, mark) => {
      const text = textOf(answer);
      note(mark, answer, text);
      return { kind: 'answer', answer, text };
    },
    lose: (mark, answer) => {
      note(mark, answer);
      return { kind: mark };
    },
  };
  return progress;
}

const textOf = (answer: Answer): string => {
  if (answer.body === undefined) return '';
  return typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
};

/** Orgs for development and trial allow 5 calls of 20 s or more at a time, others 25. */
function isTooBusy({ org, running }: Emulator, path: string): boolean {
  if (!path.startsWith('/services/data/')) return false;
  const { limit, long_ms } = org.faults.order().concurrency;
  const usual = /developer|trial/i.test(org.definition.edition) && !org.definition.isSandbox ? 5 : 25;
  return running.longRunning(long_ms) >= (limit ?? usual);
}
