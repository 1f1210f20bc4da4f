import { apiErrors } from '../errors/api-error.ts';
import { escapeHtml, renderTable } from '../http/html.ts';
import type { Answer, Call } from '../http/route.ts';
import { readChanges } from '../journal/read-changes.ts';
import { statusOf, timeOf } from './calls-page.ts';
import { recordCell } from './cells.ts';
import { pageAnswer } from './layout.ts';

const shownChanges = 200;

/** One call: who sent it, what was sent and answered with secrets masked, and the records it changed. */
export function showCall(call: Call): Answer {
  const { org, journal } = call.emulator;
  const sequence = Number(call.params.sequence);
  const [entry] = Number.isSafeInteger(sequence) ? journal.find({ before: sequence + 1 }, 1) : [];
  if (entry?.sequence !== sequence) throw apiErrors.notFound();
  const facts: readonly (readonly [string, string])[] = [
    ['Time', escapeHtml(timeOf(entry))],
    ['Status', escapeHtml(`${statusOf(entry)} ${entry.errorCode ?? ''}`.trim())],
    ['Took', `${entry.durationMs} ms`],
    ['Query', escapeHtml(entry.query)],
    ['User', entry.userId === undefined ? '' : recordCell(org, entry.userId)],
    ['Client', escapeHtml(entry.client)],
    ['Records', entry.records === undefined ? '' : String(entry.records)],
    ...Object.entries(entry.headers).map(([name, value]) => [escapeHtml(name), escapeHtml(value)] as const),
  ];
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`)
    .join('');
  const changes = readChanges(org, { call: sequence }, shownChanges).map(({ id, kind, fields }) => [
    recordCell(org, id),
    escapeHtml(kind),
    escapeHtml(Object.keys(fields).join(', ')),
  ]);
  const title = `${entry.method} ${entry.path}`;
  const body = `<nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/journal">Calls</a></li></ol></nav><h1 class="mono">${escapeHtml(title)}</h1><div class="card"><table class="record"><tbody>${lines}</tbody></table></div>${bodyOf('Request', entry.request)}${bodyOf('Answer', entry.response)}<h2>Records changed</h2>${renderTable(['Record', 'What', 'Fields'], changes, 'This call changed no record.')}`;
  return pageAnswer(call, title, '/journal', body);
}

const bodyOf = (title: string, text: string | undefined): string =>
  text === undefined || text === ''
    ? ''
    : `<h2>${title}</h2><pre class="card" tabindex="0">${escapeHtml(text)}</pre>`;
