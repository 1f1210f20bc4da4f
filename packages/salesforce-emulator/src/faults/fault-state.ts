import { type Chance, createChance } from './chance.ts';
import { type FaultOrder, noFaults } from './fault-order.ts';
import {
  type CallFault,
  type FaultMatch,
  type FaultRule,
  isRecordFault,
  type RecordFault,
} from './fault-rule.ts';
import { matchesGlob } from './glob.ts';
import { drawLatency } from './latency.ts';

/** What a rule can be about: the facts of a call, and of the records it saves. */
export interface ArrivedCall {
  readonly method: string;
  readonly path: string;
  /** Of `Sforce-Call-Options`; empty without one. */
  readonly client: string;
  /** The object its path names, lower-case; empty where it names none. */
  readonly object: string;
  /** Records saved within this call so far: what all of it shares are the governor limits. */
  savedRecords: number;
}

/** What strikes one call: how long it waits first, and what becomes of it. */
export interface Strike {
  readonly delayMs: number;
  readonly expireSession: boolean;
  /** The snapshot the org goes back to before the call is answered. */
  readonly snapshot: string | undefined;
  readonly fault: Exclude<CallFault, { kind: 'latency' | 'session_expiry' | 'restore' }> | undefined;
}

/** One rule at work. */
interface RunningRule {
  readonly rule: FaultRule;
  readonly chance: Chance;
  seen: number;
  struck: number;
}

/** A fault of records with the numbers it draws from. */
export interface RecordStrike {
  readonly fault: RecordFault;
  readonly match: FaultMatch;
  readonly chance: Chance;
}

/** The faults of a running org. The same order and the same sequence of calls give the same strikes. */
export interface Faults {
  readonly order: () => FaultOrder;
  /** Replaces everything ordered; counting begins anew. */
  readonly set: (order: FaultOrder) => void;
  readonly progress: () => readonly { readonly seen: number; readonly struck: number }[];
  readonly strikeCall: (call: ArrivedCall) => Strike;
  /** Rules that strike a save of these objects; costs nothing when no rule is about records. */
  readonly strikeSave: (objects: () => ReadonlySet<string>) => readonly RecordStrike[];
  /**
   * Notes how far the rules about records have come; what it returns takes them back there. For work that is undone
   * and done again: what has not happened has not struck either.
   */
  readonly mark: () => () => void;
  /** The call being answered; none while the org works on its own, as for Bulk jobs. */
  call: ArrivedCall | undefined;
}

const noStrikes: readonly RecordStrike[] = [];

export function createFaults(): Faults {
  let order = noFaults;
  let callRules: readonly RunningRule[] = [];
  let recordRules: readonly RunningRule[] = [];
  let running: readonly RunningRule[] = [];
  const faults: Faults = {
    order: () => order,
    set: (next) => {
      order = next;
      running = next.rules.map((rule, index) => ({
        rule,
        chance: createChance(`${next.seed}:${index}`),
        seen: 0,
        struck: 0,
      }));
      callRules = running.filter(({ rule }) => !isRecordFault(rule.fault));
      recordRules = running.filter(({ rule }) => isRecordFault(rule.fault));
    },
    progress: () => running.map(({ seen, struck }) => ({ seen, struck })),
    strikeCall: (call) => strikeWith(callRules, call),
    strikeSave: (objects) => {
      if (recordRules.length === 0) return noStrikes;
      const touched = objects();
      return recordRules.flatMap((running): RecordStrike[] => {
        const { rule, chance } = running;
        if (!isRecordFault(rule.fault) || !matchesSave(rule.match, faults.call, touched)) return [];
        return strikes(running) ? [{ fault: rule.fault, match: rule.match, chance }] : [];
      });
    },
    mark: () => {
      const marks = recordRules.map((running) => {
        const { seen, struck } = running;
        return { running, seen, struck, rewind: running.chance.mark() };
      });
      return () => {
        for (const { running, seen, struck, rewind } of marks) {
          running.seen = seen;
          running.struck = struck;
          rewind();
        }
      };
    },
    call: undefined,
  };
  return faults;
}

/** What happens beside the one thing that becomes of a call. */
const besides: ReadonlySet<string> = new Set(['latency', 'session_expiry', 'restore']);

/** Delays add up; of the other faults the first rule that strikes wins, and later ones do not count the call. */
function strikeWith(rules: readonly RunningRule[], call: ArrivedCall): Strike {
  let delayMs = 0;
  let expireSession = false;
  let snapshot: string | undefined;
  let found: Strike['fault'];
  for (const running of rules) {
    const { rule, chance } = running;
    const { fault } = rule;
    const isOutcome = !besides.has(fault.kind);
    if ((isOutcome && found !== undefined) || !matchesCall(rule.match, call) || !strikes(running)) continue;
    if (fault.kind === 'latency') delayMs += drawLatency(fault, chance);
    else if (fault.kind === 'session_expiry') expireSession = true;
    else if (fault.kind === 'restore') snapshot = fault.snapshot;
    else if (!isRecordFault(fault)) found = fault;
  }
  return { delayMs, expireSession, snapshot, fault: found };
}

function strikes(running: RunningRule): boolean {
  const { after, every, probability, count = Number.POSITIVE_INFINITY } = running.rule;
  running.seen += 1;
  const turn = running.seen - after;
  if (turn <= 0 || (turn - 1) % every !== 0 || running.struck >= count) return false;
  if (probability < 1 && running.chance() >= probability) return false;
  running.struck += 1;
  return true;
}

const same = (wanted: string | undefined, actual: string): boolean =>
  wanted === undefined || wanted.toLowerCase() === actual.toLowerCase();

const matchesCall = (match: FaultMatch, call: ArrivedCall): boolean =>
  same(match.object, call.object) && isOfCall({ path_prefix: '/services/data/', ...match }, call);

const isOfCall = (match: FaultMatch, call: ArrivedCall): boolean =>
  same(match.method, call.method) &&
  (match.client === undefined || matchesGlob(match.client, call.client)) &&
  call.path.startsWith(match.path_prefix ?? '') &&
  (match.path === undefined || matchesGlob(match.path, call.path));

function matchesSave(
  match: FaultMatch,
  call: ArrivedCall | undefined,
  objects: ReadonlySet<string>,
): boolean {
  if (match.object !== undefined && !objects.has(match.object.toLowerCase())) return false;
  const { method, client, path_prefix, path } = match;
  const isAboutCalls = [method, client, path_prefix, path].some((condition) => condition !== undefined);
  return !isAboutCalls || (call !== undefined && isOfCall(match, call));
}
