import { escapeHtml, renderTable } from '../http/html.ts';
import type { Answer, Call } from '../http/route.ts';
import type { JournalEntry } from '../journal/call-journal.ts';
import { pageAnswer } from './layout.ts';

const callsPerPage = 100;
const methods = ['', 'GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

/** When a call came, to the millisecond. */
export const timeOf = (entry: JournalEntry): string => entry.at.replace('T', ' ').slice(0, 23);
/** How a call ended: its status, or how its connection was broken. */
export const statusOf = (entry: JournalEntry): string => entry.mark ?? String(entry.status);

/** The latest calls, by method, path and status where asked, and the org's use of its allowance. */
export function showCalls(call: Call): Answer {
  const { journal, calls } = call.emulator;
  const { query } = call;
  const [method, path, status, before] = ['method', 'path', 'status', 'before'].map(
    (name) => query.get(name)?.trim() ?? '',
  );
  const filter = {
    method: method || undefined,
    path: path || undefined,
    status: /^\d{3}$/.test(status ?? '') ? Number(status) : undefined,
    before: /^\d{1,15}$/.test(before ?? '') ? Number(before) : undefined,
  };
  const entries = journal.find(filter, callsPerPage + 1);
  const shown = entries.slice(0, callsPerPage);
  const rows = shown.map((entry) => [
    `<a href="/journal/${entry.sequence}">${escapeHtml(timeOf(entry))}</a>`,
    ...[
      entry.method,
      entry.path,
      statusOf(entry),
      entry.errorCode ?? '',
      entry.records === undefined ? '' : String(entry.records),
      `${entry.durationMs} ms`,
    ].map(escapeHtml),
  ]);
  const usage = `${calls.used().toLocaleString('en-US')} of ${calls.allowed().toLocaleString('en-US')} API calls in the last 24 hours; ${journal.total().toLocaleString('en-US')} calls kept`;
  const columns = ['Time', 'Method', 'Path', 'Status', 'Error', 'Records', 'Took'];
  const isFiltered = [method, path, status, before].some((value) => value !== '');
  const table = renderTable(columns, rows, isFiltered ? 'No call is like this.' : 'No calls yet.');
  const older = new URLSearchParams({ method: method ?? '', path: path ?? '', status: status ?? '' });
  older.set('before', String(shown.at(-1)?.sequence ?? 0));
  const more =
    entries.length > callsPerPage
      ? `<div class="bar"><a href="/journal?${escapeHtml(older.toString())}">Older</a></div>`
      : '';
  const body = `<h1>Calls</h1><div class="bar"><span>${usage}</span></div>${filterForm(method, path, status)}${table}${more}`;
  return pageAnswer(call, 'Calls', '/journal', body);
}

function filterForm(method = '', path = '', status = ''): string {
  const options = methods
    .map(
      (name) =>
        `<option value="${name}"${name === method ? ' selected' : ''}>${name === '' ? 'Any method' : name}</option>`,
    )
    .join('');
  return `<div class="bar"><form method="get" role="search"><select name="method" aria-label="Method">${options}</select><input name="path" value="${escapeHtml(path)}" placeholder="Path begins with" aria-label="Path begins with"><input name="status" value="${escapeHtml(status)}" placeholder="Status" aria-label="Status" inputmode="numeric"><button>Filter</button></form></div>`;
}
