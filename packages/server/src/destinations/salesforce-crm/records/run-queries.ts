import { HeadraceError } from '@headrace/core';
import { type Call, callTogether, maxParts, type Part, type PartsFacts } from '../composite.ts';
import { isSameRecordId, recordIdPattern } from './record-id.ts';

/** A record as read: field name → value; its `Id` is one. */
export type Row = Readonly<Record<string, unknown>> & { readonly Id: string };

/** 100 pages of 2,000: more matches for one batch are no mistake that reading on would mend. */
const maxPages = 100;
/** Ids a Collections retrieve by POST takes. Source: REST API Developer Guide, "Get Records Using sObject Collections". */
const maxRetrieveIds = 2_000;

/** A query, or records by their ids. */
export type ReadOrder =
  | { readonly kind: 'query'; readonly path: string }
  | {
      readonly kind: 'retrieve';
      readonly object: string;
      readonly ids: readonly string[];
      readonly names: readonly string[];
    };

/** Retrieves of at most 2,000 ids each. */
export function toRetrieves(object: string, ids: readonly string[], names: readonly string[]): ReadOrder[] {
  const orders: ReadOrder[] = [];
  for (let start = 0; start < ids.length; start += maxRetrieveIds)
    orders.push({ kind: 'retrieve', object, ids: ids.slice(start, start + maxRetrieveIds), names });
  return orders;
}

/**
 * Reads as ordered, five orders in one API call.
 * @param what completes "Salesforce was asked …"
 * @returns for each order its rows; a retrieve leaves out what is deleted or hidden
 * @throws HeadraceError with a `destination_*` code
 */
export async function readRows(orders: readonly ReadOrder[], what: string, call: Call): Promise<Row[][]> {
  const facts: PartsFacts = { purpose: 'read', effect: 'read', what };
  const results: Row[][] = [];
  for (let start = 0; start < orders.length; start += maxParts) {
    const together = orders.slice(start, start + maxParts);
    for (const [index, answer] of (await callTogether(together.map(toPart), facts, call)).entries()) {
      if (answer.kind === 'refused') throw answer.error;
      const order = together[index];
      results.push(
        order?.kind === 'retrieve'
          ? readRetrieved(answer.body, order.ids, what)
          : await readPages(answer.body, facts, call),
      );
    }
  }
  return results;
}

const toPart = (order: ReadOrder): Part =>
  order.kind === 'query'
    ? { method: 'GET', path: order.path }
    : {
        method: 'POST',
        path: `/composite/sobjects/${order.object}`,
        body: { ids: order.ids, fields: order.names },
      };

function readRetrieved(body: unknown, ids: readonly string[], what: string): Row[] {
  if (!Array.isArray(body) || body.length !== ids.length)
    throw strange(what, 'not one entry for each id that was asked for');
  return body.flatMap((entry: unknown, index) => {
    if (entry === null) return [];
    const row = readRow(entry, what);
    if (!isSameRecordId(row.Id, ids[index] ?? '')) throw strange(what, 'other records than asked for');
    return [row];
  });
}

async function readPages(first: unknown, facts: PartsFacts, call: Call): Promise<Row[]> {
  const { what } = facts;
  const rows: Row[] = [];
  let page = first;
  for (let pages = 1; ; pages++) {
    const result: Readonly<Record<string, unknown>> =
      typeof page === 'object' && page !== null ? { ...page } : {};
    if (!Array.isArray(result.records) || typeof result.done !== 'boolean')
      throw strange(what, 'no query result');
    for (const record of result.records) rows.push(readRow(record, what));
    if (result.done) return rows;
    if (pages >= maxPages) throw strange(what, 'more pages than one batch can have');
    page = await call({ ...facts, method: 'GET', path: readNextPath(result.nextRecordsUrl, what) });
  }
}

/** The path must stay within the API of the org: the token goes with it. */
function readNextPath(next: unknown, what: string): string {
  if (typeof next === 'string' && /^\/services\/data\/v\d+\.\d\/query(All)?\/[\w-]+$/.test(next)) return next;
  throw strange(what, 'no address of the next page');
}

function readRow(input: unknown, what: string): Row {
  const row: Readonly<Record<string, unknown>> =
    typeof input === 'object' && input !== null ? { ...input } : {};
  const { Id } = row;
  if (typeof Id !== 'string' || !recordIdPattern.test(Id)) throw strange(what, 'a record without its id');
  return { ...row, Id };
}

const strange = (what: string, found: string): HeadraceError =>
  new HeadraceError('destination_unavailable', `Salesforce was asked ${what} and answered ${found}.`);
