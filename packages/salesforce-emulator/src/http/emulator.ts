import type { Bulk } from '../bulk/bulk.ts';
import type { Journal } from '../journal/call-journal.ts';
import type { Authorizations } from '../oauth/authorizations.ts';
import type { LoginAttempts } from '../oauth/login-attempts.ts';
import type { Sessions } from '../oauth/sessions.ts';
import type { CallCounter } from '../org/call-counter.ts';
import type { OrgState } from '../org/org-state.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { Cursors } from '../soql/cursors.ts';
import type { RunningCalls } from './running-calls.ts';

/** Everything a running emulator holds between calls. */
export interface Emulator {
  readonly org: OrgState;
  readonly sessions: Sessions;
  readonly authorizations: Authorizations;
  readonly loginAttempts: LoginAttempts;
  readonly calls: CallCounter;
  readonly cursors: Cursors;
  readonly journal: Journal;
  readonly bulk: Bulk;
  readonly dataDir: string | undefined;
  readonly running: RunningCalls;
  readonly snapshots: Snapshots;
}
