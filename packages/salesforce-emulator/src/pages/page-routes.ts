import { apiErrors } from '../errors/api-error.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId, normalizeId, recordNumberOf } from '../org/record-id.ts';
import { fieldJson } from '../records/record-json.ts';
import { findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { integerOf, type Row } from '../store/database.ts';
import { readRecord, tableOf } from '../store/record-table.ts';
import { escapeHtml, type NavigationLink, renderPage, renderTable } from './html.ts';

const links: readonly NavigationLink[] = [
  { href: '/', label: 'Contacts' },
  { href: '/list/Lead', label: 'Leads' },
  { href: '/list/Account', label: 'Accounts' },
  { href: '/journal', label: 'Calls' },
];

const columnsByObject: Record<string, readonly string[]> = {
  Contact: ['Name', 'Email', 'MobilePhone', 'MailingCity', 'MailingCountry', 'LastModifiedDate'],
  Lead: ['Name', 'Company', 'Email', 'MobilePhone', 'Status', 'LastModifiedDate'],
  Account: ['Name', 'Phone', 'BillingCity', 'BillingCountry', 'Website', 'LastModifiedDate'],
};
const searchedByObject: Record<string, readonly string[]> = {
  Contact: ['Name', 'Email', 'MobilePhone'],
  Lead: ['Name', 'Email', 'Company'],
  Account: ['Name', 'Phone', 'Website'],
};

const pageSize = 50;

const html = (body: string, status = 200): Answer => ({
  status,
  body,
  contentType: 'text/html;charset=UTF-8',
  headers: { 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'" },
});

const listPath = (object: ObjectType): string => (object.name === 'Contact' ? '/' : `/list/${object.name}`);

function showList(call: Call): Answer {
  const { org } = call.emulator;
  const object = findObject(org.catalog, call.params.object ?? 'Contact');
  const columns = object === undefined ? undefined : columnsByObject[object.name];
  if (object === undefined || columns === undefined) throw apiErrors.notFound();
  const search = (call.query.get('q') ?? '').trim();
  const wanted = Math.max(Math.floor(Number(call.query.get('page') ?? 1)) || 1, 1);
  const { total, pages, page, rows } = findRows(org, object, search, wanted);
  const heading = `<h1>${escapeHtml(object.labelPlural)}</h1>`;
  const form = `<form method="get" role="search"><input type="search" name="q" value="${escapeHtml(search)}" placeholder="Search" aria-label="Search ${escapeHtml(object.labelPlural)}"><button>Search</button></form>`;
  const noun = total === 1 ? object.label : object.labelPlural;
  const bar = `<div class="bar">${form}<span>${total.toLocaleString('en-US')} ${escapeHtml(noun)}${search === '' ? '' : ' found'}, newest first</span></div>`;
  const labels = columns.map((name) => object.fieldByName.get(name)?.label ?? name);
  const cells = rows.map((row) => columns.map((name, index) => listCell(object, name, row, index === 0)));
  const empty = search === '' ? `No ${object.labelPlural.toLowerCase()} yet.` : 'Nothing matches the search.';
  const query = search === '' ? '' : `q=${encodeURIComponent(search)}&`;
  const step = (target: number, label: string): string =>
    target < 1 || target > pages
      ? ''
      : `<a href="${escapeHtml(`${listPath(object)}?${query}page=${target}`)}">${label}</a>`;
  const pager = `<div class="bar">${step(page - 1, 'Newer')}<span>Page ${page} of ${pages}</span>${step(page + 1, 'Older')}</div>`;
  return html(
    renderPage(
      object.labelPlural,
      links,
      listPath(object),
      heading + bar + renderTable(labels, cells, empty) + pager,
    ),
  );
}

type Found = {
  readonly total: number;
  readonly pages: number;
  /** The one wanted, or the last where there are fewer. */
  readonly page: number;
  readonly rows: readonly Row[];
};

function findRows(org: OrgState, object: ObjectType, search: string, wanted: number): Found {
  const searched = (searchedByObject[object.name] ?? []).map((name) => `"${name}" like ?1 escape '\\'`);
  const where = search === '' ? 'IsDeleted = 0' : `IsDeleted = 0 and (${searched.join(' or ')})`;
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const parameters = search === '' ? [] : [pattern];
  const counted = org.database
    .prepare(`select count(*) as n from ${tableOf(object)} where ${where}`)
    .get(...parameters);
  const total = integerOf(counted?.n);
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const page = Math.min(wanted, pages);
  const sql = `select * from ${tableOf(object)} where ${where} order by rid desc limit ${pageSize} offset ${(page - 1) * pageSize}`;
  return { total, pages, page, rows: org.database.prepare(sql).all(...parameters) };
}

function listCell(object: ObjectType, name: string, row: Row, isLink: boolean): string {
  const field = object.fieldByName.get(name);
  const value = field === undefined ? null : fieldJson(object, field, row);
  const text = value === null ? '' : String(value).replace(/T(\d\d:\d\d:\d\d)\.000\+0000$/, ' $1');
  if (!isLink) return escapeHtml(text);
  const id = createRecordId(object.keyPrefix, integerOf(row.rid));
  return `<a href="/record/${id}">${escapeHtml(text === '' ? id : text)}</a>`;
}

/** The value of a field as people read it; nothing where it has none. */
function textOf(object: ObjectType, field: FieldDefinition, row: Row): string {
  const value = fieldJson(object, field, row);
  return value === null ? '' : String(value);
}

function showRecord(call: Call): Answer {
  const { org } = call.emulator;
  const id = normalizeId(call.params.id ?? '');
  const object = [...org.catalog.values()].find((candidate) => id?.startsWith(candidate.keyPrefix));
  const rid = id === undefined ? undefined : recordNumberOf(id);
  const row = object === undefined || rid === undefined ? undefined : readRecord(org.database, object, rid);
  if (object === undefined || row === undefined) throw apiErrors.notFound();
  const name = typeof row.Name === 'string' ? row.Name : (id ?? '');
  // What people write first, what the org keeps for itself below.
  const isSystem = (field: FieldDefinition): boolean =>
    !field.createable && !field.updateable && !field.nameField;
  const shownFields = object.fields.filter((field) => field.type !== 'address');
  const ordered = [...shownFields.filter((field) => !isSystem(field)), ...shownFields.filter(isSystem)];
  const rowOf = (field: FieldDefinition): string => {
    const shown = textOf(object, field, row);
    const target =
      field.type === 'reference' && columnsByObject[field.referenceTo[0] ?? ''] !== undefined && shown !== '';
    const body = target
      ? `<a href="/record/${escapeHtml(shown)}">${escapeHtml(shown)}</a>`
      : escapeHtml(shown);
    return `<tr><th scope="row">${escapeHtml(field.label)}<br><span class="mono">${escapeHtml(field.name)}</span></th><td>${body}</td></tr>`;
  };
  const tableFor = (fields: readonly FieldDefinition[]): string =>
    `<table class="record"><tbody>${fields.map(rowOf).join('')}</tbody></table>`;
  const filled = ordered.filter((field) => textOf(object, field, row) !== '');
  const empty = ordered.filter((field) => !filled.includes(field));
  const rest =
    empty.length === 0
      ? ''
      : `<details><summary>${empty.length} fields without a value</summary>${tableFor(empty)}</details>`;
  const deleted = row.IsDeleted === 1 ? ' (in the recycle bin)' : '';
  const body = `<p><a href="${listPath(object)}">${escapeHtml(object.labelPlural)}</a></p><h1>${escapeHtml(name)}${deleted}</h1><div class="card">${tableFor(filled)}${rest}</div>`;
  return html(renderPage(`${name} (${object.label})`, links, '', body));
}

function showJournal(call: Call): Answer {
  const { journal, calls } = call.emulator;
  const rows = journal
    .latest(200)
    .map((entry) =>
      [
        entry.at.replace('T', ' ').slice(0, 23),
        entry.method,
        entry.path,
        entry.status === 0 ? 'cut' : String(entry.status),
        entry.records === undefined ? '' : String(entry.records),
        `${entry.durationMs} ms`,
      ].map(escapeHtml),
    );
  const usage = `${calls.used().toLocaleString('en-US')} of ${calls.allowed().toLocaleString('en-US')} API calls in the last 24 hours; ${journal.total().toLocaleString('en-US')} calls since the start`;
  const table = renderTable(['Time', 'Method', 'Path', 'Status', 'Records', 'Took'], rows, 'No calls yet.');
  return html(
    renderPage(
      'Calls',
      links,
      '/journal',
      `<h1>Calls</h1><div class="bar"><span>${usage}</span></div>${table}`,
    ),
  );
}

/** Pages for people: lists, one record, the calls. Nothing on them changes the org. */
export const pageRoutes: readonly Route[] = [
  { path: '/', access: 'open', methods: { GET: showList } },
  { path: '/journal', access: 'open', methods: { GET: showJournal } },
  { path: '/list/:object', access: 'open', methods: { GET: showList } },
  { path: '/record/:id', access: 'open', methods: { GET: showRecord } },
];
