import type { Answer, Call } from '../http/route.ts';
import { escapeHtml, renderTable } from './html.ts';
import { pageAnswer } from './layout.ts';

const shownCalls = 200;

/** The latest calls and the org's use of its allowance. */
export function showCalls(call: Call): Answer {
  const { journal, calls } = call.emulator;
  const rows = journal
    .latest(shownCalls)
    .map((entry) =>
      [
        entry.at.replace('T', ' ').slice(0, 23),
        entry.method,
        entry.path,
        entry.mark ?? String(entry.status),
        entry.records === undefined ? '' : String(entry.records),
        `${entry.durationMs} ms`,
      ].map(escapeHtml),
    );
  const usage = `${calls.used().toLocaleString('en-US')} of ${calls.allowed().toLocaleString('en-US')} API calls in the last 24 hours; ${journal.total().toLocaleString('en-US')} calls kept`;
  const table = renderTable(['Time', 'Method', 'Path', 'Status', 'Records', 'Took'], rows, 'No calls yet.');
  return pageAnswer(
    call,
    'Calls',
    '/journal',
    `<h1>Calls</h1><div class="bar"><span>${usage}</span></div>${table}`,
  );
}
