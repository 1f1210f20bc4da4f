import { escapeHtml, renderTable } from '../http/html.ts';
import type { ChangeKind } from '../journal/change-journal.ts';
import { readHistory } from '../journal/read-history.ts';
import type { JsonValue } from '../json.ts';
import type { OrgState } from '../org/org-state.ts';
import { readableInstant, recordCell } from './cells.ts';

const shownChanges = 200;

const kindLabels: Readonly<Record<ChangeKind, string>> = {
  created: 'Created',
  updated: 'Changed',
  deleted: 'Deleted',
  undeleted: 'Undeleted',
};

/** What happened to a record, newest first: each change of a field with its old and new value. */
export function renderHistory(org: OrgState, id: string): string {
  const changes = readHistory(org, id, shownChanges);
  const rows = changes.flatMap((change) => {
    const head = [readableInstant(new Date(change.at).toISOString()), recordCell(org, change.userId)];
    const call = callLink(change.call);
    const fields = Object.entries(change.fields);
    if (fields.length === 0) {
      const what = change.kind === 'updated' ? 'Saved without a change' : kindLabels[change.kind];
      return [[...head, what, '', '', call]];
    }
    return fields.map(([name, { old, new: changed }]) => [
      ...head,
      `<span class="mono">${escapeHtml(name)}</span>`,
      valueCell(old),
      valueCell(changed),
      call,
    ]);
  });
  const columns = ['Time', 'User', 'Field or event', 'From', 'To', 'Call'];
  return `<h2>History</h2>${renderTable(columns, rows, 'Nothing is noted of this record.')}`;
}

const valueCell = (value: JsonValue): string => (value === null ? '' : escapeHtml(String(value)));

/** A link to the call that did it; nothing where the org did it by itself. */
const callLink = (call: number | undefined): string =>
  call === undefined ? '' : `<a href="/journal/${call}">${call}</a>`;
