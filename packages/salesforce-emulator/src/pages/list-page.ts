import { apiErrors } from '../errors/api-error.ts';
import { escapeHtml, renderTable } from '../http/html.ts';
import type { Answer, Call } from '../http/route.ts';
import type { OrgState } from '../org/org-state.ts';
import { findObject } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Row } from '../store/database.ts';
import { fieldCell, recordLink, textOf } from './cells.ts';
import { countLimit, findRows } from './find-rows.ts';
import { breadcrumb, pageAnswer, pager, wantedPage } from './layout.ts';
import { findShown, listPath, type ShownObject } from './shown-objects.ts';

const pageSize = 50;

/** The list of an app, newest first, with its search. */
export function showList(call: Call): Answer {
  const { org } = call.emulator;
  const object = findObject(org.catalog, call.params.object ?? 'Contact');
  const shown = object === undefined ? undefined : findShown(object.name);
  if (object === undefined || shown === undefined) throw apiErrors.notFound();
  const search = (call.query.get('q') ?? '').trim();
  const filter = { search: { text: search, fields: shown.searched } };
  const found = findRows(org, object, filter, wantedPage(call), pageSize);
  const { labelPlural } = object;
  const form = `<form method="get" role="search"><input type="search" name="q" value="${escapeHtml(search)}" placeholder="Search" aria-label="Search ${escapeHtml(labelPlural)}"><button>Search</button></form>`;
  const more = search !== '' && found.total >= countLimit ? ' or more' : '';
  const count = `${found.total.toLocaleString('en-US')}${more} ${escapeHtml(found.total === 1 ? object.label : labelPlural)}`;
  const bar = `<div class="bar">${form}<span>${count}${search === '' ? '' : ' found'}, newest first</span></div>`;
  const empty = search === '' ? `No ${labelPlural.toLowerCase()} yet.` : 'Nothing matches the search.';
  const query = search === '' ? '' : `q=${encodeURIComponent(search)}&`;
  const path = listPath(object.name);
  const pages = pager(found.page, found.pages, (target) => `${path}?${query}page=${target}`);
  const body = `${breadcrumb([])}<h1>${escapeHtml(labelPlural)}</h1>${bar}${renderRows(org, object, shown, found.rows, empty)}${pages}`;
  return pageAnswer(call, labelPlural, path, body);
}

/** Rows of an object in its columns; the first leads to the record. */
export function renderRows(
  org: OrgState,
  object: ObjectType,
  shown: ShownObject,
  rows: readonly Row[],
  empty: string,
): string {
  const fields = shown.columns.flatMap((name) => object.fieldByName.get(name) ?? []);
  const cells = rows.map((row) =>
    fields.map((field, index) =>
      index === 0 ? recordLink(object, row, textOf(object, field, row)) : fieldCell(org, object, field, row),
    ),
  );
  return renderTable(
    fields.map((field) => field.label),
    cells,
    empty,
  );
}
