import { apiErrors } from '../errors/api-error.ts';
import { escapeHtml } from '../http/html.ts';
import type { Answer, Call } from '../http/route.ts';
import type { OrgState } from '../org/org-state.ts';
import { findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Row } from '../store/database.ts';
import { fieldCell, findRecord, nameOf, textOf } from './cells.ts';
import { findRows } from './find-rows.ts';
import { breadcrumb, pageAnswer } from './layout.ts';
import { renderRows } from './list-page.ts';
import { renderHistory } from './record-history.ts';
import { findShown, listPath, relatedListsOf } from './shown-objects.ts';

const relatedRows = 10;

/** One record: its fields, the lists related to it, and what happened to it. */
export function showRecord(call: Call): Answer {
  const { org } = call.emulator;
  const found = findRecord(org, call.params.id ?? '');
  if (found === undefined) throw apiErrors.notFound();
  const { id, object, row } = found;
  const name = nameOf(row) === '' ? id : nameOf(row);
  const isShown = findShown(object.name) !== undefined;
  const crumbs = breadcrumb(isShown ? [{ href: listPath(object.name), label: object.labelPlural }] : []);
  const deleted = row.IsDeleted === 1 ? ' (in the recycle bin)' : '';
  const heading = `<h1>${escapeHtml(name)}${deleted}</h1><p class="muted">${escapeHtml(object.label)} <span class="mono">${id}</span></p>`;
  const body = `${crumbs}${heading}${renderDetails(org, object, row)}${renderRelated(org, object.name, id)}${renderHistory(org, id)}`;
  return pageAnswer(call, `${name} (${object.label})`, '', body);
}

// What people write first, what the org keeps for itself below.
const isSystem = (field: FieldDefinition): boolean =>
  !field.createable && !field.updateable && !field.nameField;

function renderDetails(org: OrgState, object: ObjectType, row: Row): string {
  const fields = object.fields.filter((field) => field.type !== 'address');
  const ordered = [...fields.filter((field) => !isSystem(field)), ...fields.filter(isSystem)];
  const filled = ordered.filter((field) => textOf(object, field, row) !== '');
  const empty = ordered.filter((field) => textOf(object, field, row) === '');
  const line = (field: FieldDefinition): string =>
    `<tr><th scope="row">${escapeHtml(field.label)}<br><span class="mono">${escapeHtml(field.name)}</span></th><td>${fieldCell(org, object, field, row)}</td></tr>`;
  const table = (list: readonly FieldDefinition[]): string =>
    `<table class="record"><tbody>${list.map(line).join('')}</tbody></table>`;
  const rest =
    empty.length === 0
      ? ''
      : `<details><summary>${empty.length} fields without a value</summary>${table(empty)}</details>`;
  return `<div class="card">${table(filled)}${rest}</div>`;
}

function renderRelated(org: OrgState, objectName: string, id: string): string {
  return relatedListsOf(objectName)
    .map(({ child, field }) => {
      const object = findObject(org.catalog, child.name);
      if (object === undefined) return '';
      const { rows, total } = findRows(org, object, { parent: { field, id } }, 1, relatedRows);
      const shown = { ...child, columns: child.columns.filter((column) => column !== field) };
      const latest = total > rows.length ? `, the latest ${rows.length} shown` : '';
      const title = `<h2>${escapeHtml(object.labelPlural)} <span class="muted">${total.toLocaleString('en-US')}${latest}</span></h2>`;
      return title + renderRows(org, object, shown, rows, `No ${object.labelPlural.toLowerCase()}.`);
    })
    .join('');
}
