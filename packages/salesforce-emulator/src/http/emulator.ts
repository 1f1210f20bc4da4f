import type { Faults } from '../admin/faults.ts';
import type { Journal } from '../journal/call-journal.ts';
import type { CallCounter } from '../org/call-counter.ts';
import type { OrgState } from '../org/org-state.ts';
import type { Sessions } from '../org/sessions.ts';
import type { Cursors } from '../soql/run-query.ts';

/** Everything a running emulator holds between calls. */
export interface Emulator {
  readonly org: OrgState;
  readonly sessions: Sessions;
  readonly calls: CallCounter;
  readonly cursors: Cursors;
  readonly journal: Journal;
  readonly dataDir: string | undefined;
  faults: Faults;
}
