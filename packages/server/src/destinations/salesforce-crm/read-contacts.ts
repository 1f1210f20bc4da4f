import { type DeliveryItem, HeadraceError, type ReadBatch, type ReadRecord } from '@headrace/core';
import { type ContactFields, matchField } from './contact-fields.ts';
import { isSameRecordId, recordIdPattern } from './record-id.ts';
import type { ApiCall } from './salesforce-client.ts';
import { toQueryPaths } from './soql.ts';
import { isStoredEqual } from './stored-value.ts';

/** Ids a Collections retrieve by POST takes. Source: REST API Developer Guide, "Get Records Using sObject Collections". */
const maxRetrieveIds = 2_000;
/** Of the 16,384 bytes for URI and headers together, about 2 KB are left to the headers with their token. */
const maxPathBytes = 14_000;
/** 100 pages of 2,000: more matches for one batch are no mistake that reading on would mend. */
const maxPages = 100;
const maxNamedIds = 20;

type Call = (call: ApiCall) => Promise<unknown>;
/** A record as read: field name → value. */
type Row = Readonly<Record<string, unknown>>;

/** Reads what the org holds for each item: known records by id, the others by e-mail. Deleted ones are absent. */
export async function readContacts(
  batch: ReadBatch,
  fields: ContactFields,
  call: Call,
): Promise<ReadRecord[]> {
  const names = [...new Set(['Id', matchField, ...batch.items.flatMap((item) => Object.keys(item.fields))])];
  const ids = [...new Set(batch.items.flatMap(({ recordId }) => (recordId === null ? [] : [recordId])))];
  // A key longer than the field can be held by no record.
  const longestKey = fields.byName.get(matchField)?.length || Number.POSITIVE_INFINITY;
  const keys = [
    ...new Set(
      batch.items.flatMap(({ recordId, matchKey }) =>
        recordId === null && matchKey.length <= longestKey ? [matchKey] : [],
      ),
    ),
  ];
  const byId = await retrieve(ids, names, call);
  const byKey = Map.groupBy(await query(keys, names, call), (row) => keyOf(row[matchField]));
  return batch.items.map((item) => {
    const known = item.recordId === null ? undefined : byId.get(item.recordId);
    const rows = item.recordId === null ? (byKey.get(keyOf(item.matchKey)) ?? []) : known ? [known] : [];
    return toReadRecord(item, rows, fields);
  });
}

function toReadRecord(item: DeliveryItem, rows: readonly Row[], fields: ContactFields): ReadRecord {
  const [row] = rows;
  if (row === undefined) return { kind: 'absent' };
  const recordIds = rows.map((found) => String(found.Id));
  if (rows.length > 1) return { kind: 'several', recordIds: recordIds.slice(0, maxNamedIds) };
  const differing = Object.entries(item.fields)
    .filter(
      ([name, value]) =>
        !isStoredEqual(value, row[name], fields.byName.get(name) ?? { type: 'string', scale: 0 }),
    )
    .map(([name]) => name);
  const isUnderKey = keyOf(row[matchField]) === keyOf(item.matchKey);
  return { kind: 'found', recordId: String(row.Id), isUnderKey, differing, differingLists: [] };
}

async function retrieve(
  ids: readonly string[],
  names: readonly string[],
  call: Call,
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  for (let start = 0; start < ids.length; start += maxRetrieveIds) {
    const asked = ids.slice(start, start + maxRetrieveIds);
    const answer = await call({
      method: 'POST',
      path: '/composite/sobjects/Contact',
      body: { ids: asked, fields: names },
      purpose: 'read',
      effect: 'read',
      what: 'for Contacts by id',
    });
    if (!Array.isArray(answer) || answer.length !== asked.length)
      throw strange('not one entry for each id that was asked for');
    for (const [index, id] of asked.entries()) {
      const entry: unknown = answer[index];
      if (entry === null) continue;
      const row = readRow(entry);
      if (row === undefined || !isSameRecordId(String(row.Id), id))
        throw strange('other records than asked for');
      found.set(id, row);
    }
  }
  return found;
}

async function query(keys: readonly string[], names: readonly string[], call: Call): Promise<Row[]> {
  const rows: Row[] = [];
  const prefix = `SELECT ${names.join(',')} FROM Contact WHERE ${matchField} IN`;
  for (const first of toQueryPaths(prefix, keys, maxPathBytes)) {
    let path: string | undefined = first;
    for (let page = 0; path !== undefined; page++) {
      if (page >= maxPages) throw strange('more pages than one batch can have');
      const answer = await call({
        method: 'GET',
        path,
        purpose: 'read',
        effect: 'read',
        what: 'for Contacts by e-mail',
      });
      const result: Row = typeof answer === 'object' && answer !== null ? { ...answer } : {};
      if (!Array.isArray(result.records) || typeof result.done !== 'boolean')
        throw strange('no query result');
      for (const record of result.records) {
        const row = readRow(record);
        if (row === undefined) throw strange('a record without its id');
        rows.push(row);
      }
      path = result.done ? undefined : readNextPath(result.nextRecordsUrl);
    }
  }
  return rows;
}

/** The path must stay within the API of the org: the token goes with it. */
function readNextPath(next: unknown): string {
  if (typeof next === 'string' && /^\/services\/data\/v\d+\.\d\/query\/[\w-]+$/.test(next)) return next;
  throw strange('no address of the next page');
}

function readRow(input: unknown): Row | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const row: Row = { ...input };
  return typeof row.Id === 'string' && recordIdPattern.test(row.Id) ? row : undefined;
}

const keyOf = (email: unknown): string => String(email).trim().toLowerCase();

const strange = (found: string): HeadraceError =>
  new HeadraceError('destination_unavailable', `Salesforce was asked for Contacts and answered ${found}.`);
