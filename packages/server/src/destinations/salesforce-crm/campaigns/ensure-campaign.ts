import { HeadraceError, type SegmentStanding } from '@headrace/core';
import { exitedStatus, memberStatus } from '../campaign-status.ts';
import type { Call, Part } from '../composite.ts';
import { findConnectionError, toOutcome } from '../records/record-error.ts';
import { recordIdPattern, recordKey } from '../records/record-id.ts';
import { removeRecords } from '../records/remove-records.ts';
import { type ReadOrder, type Row, readRows } from '../records/run-queries.ts';
import { queryPath, quoteSoql } from '../records/soql.ts';
import { type SendResult, sendCollections } from '../send-collections.ts';

/** Length of `Campaign.Name`. Source: Object Reference, "Campaign". */
const maxNameLength = 80;
const maxNamedIds = 20;

/**
 * Finds the Campaign of a segment, or makes it, and sees to the statuses its members get. It is that of the mapping
 * id where one is given, by id or name, else that of the segment's name. Every step can be repeated.
 * @returns its id
 * @throws HeadraceError `destination_misconfigured` where it is not there, not the only one of its name, or may not
 *   be made; others as `SalesforceClient.call` does
 */
export async function ensureCampaign(segment: Named, call: Call): Promise<string> {
  const wanted = wantedName(segment);
  const campaignId = isCampaignId(wanted) ? await findById(wanted, call) : await findOrMake(wanted, call);
  await ensureStatuses(campaignId, call);
  return campaignId;
}

/** Equal for segments of one Campaign, as far as names and ids tell: Salesforce compares names without case. */
export function campaignKey(segment: Named): string {
  const wanted = wantedName(segment);
  return isCampaignId(wanted) ? recordKey(wanted) : shorten(wanted).toLowerCase();
}

type Named = Pick<SegmentStanding, 'name' | 'mappingId'>;
const wantedName = ({ name, mappingId }: Named): string => (mappingId ?? '').trim() || name.trim();
const isCampaignId = (text: string): boolean => text.startsWith('701') && recordIdPattern.test(text);

async function findById(id: string, call: Call): Promise<string> {
  const [campaign] = await query(`SELECT Id FROM Campaign WHERE Id = ${quoteSoql(id)}`, call);
  if (campaign === undefined)
    throw misconfigured(
      `There is no Campaign with the id ${id}, which the segment's mapping id names, or the user cannot see it.`,
    );
  return campaign.Id;
}

async function findOrMake(wanted: string, call: Call): Promise<string> {
  const name = shorten(wanted);
  const found = await findByName(name, call);
  const [campaign] = found;
  if (found.length > 1)
    throw misconfigured(
      `${found.length === maxNamedIds ? 'Many' : found.length} Campaigns have the name of the segment: ${found.map(({ Id }) => Id).join(', ')}. Give the id of the right one as the segment's mapping id.`,
    );
  if (campaign !== undefined) return campaign.Id;
  const record = { attributes: { type: 'Campaign' }, Name: name, IsActive: true, Status: 'In Progress' };
  const [result] = await insert([record], 'to make a Campaign', call);
  return keepFirst(idOf(result, 'Campaign'), name, call);
}

/** Another server may have made one at the same moment: all keep the first, and who made a later one takes it back. */
async function keepFirst(madeId: string, name: string, call: Call): Promise<string> {
  const [first] = await findByName(name, call);
  if (first === undefined || first.Id === madeId) return madeId;
  const outcomes = await removeRecords({ object: 'Campaign', recordIds: [madeId] }, call);
  if (outcomes.some(({ kind }) => kind === 'failed'))
    throw misconfigured(
      `Two Campaigns were made for the segment at the same time, and the user may not delete the second, ${madeId}. Delete it in Salesforce.`,
    );
  return first.Id;
}

const findByName = (name: string, call: Call): Promise<Row[]> =>
  query(
    `SELECT Id FROM Campaign WHERE Name = ${quoteSoql(name)} ORDER BY CreatedDate, Id LIMIT ${maxNamedIds}`,
    call,
  );

/** Cut at a whole character. */
function shorten(name: string): string {
  const cut = name.slice(0, maxNameLength);
  return (cut.isWellFormed() ? cut : cut.slice(0, -1)).trim();
}

/** A member whose status the Campaign does not have would silently get its default. */
async function ensureStatuses(campaignId: string, call: Call): Promise<void> {
  for (let isRepeated = false; ; isRepeated = true) {
    const held = await query(
      `SELECT Id,Label,SortOrder FROM CampaignMemberStatus WHERE CampaignId = ${quoteSoql(campaignId)}`,
      call,
    );
    const labels = new Set(held.map(({ Label }) => String(Label).toLowerCase()));
    const missing = [memberStatus, exitedStatus].filter((label) => !labels.has(label.toLowerCase()));
    if (missing.length === 0) return;
    const last = Math.max(0, ...held.map(({ SortOrder }) => Number(SortOrder ?? 0)));
    const records = missing.map((Label, index) => ({
      attributes: { type: 'CampaignMemberStatus' },
      CampaignId: campaignId,
      Label,
      SortOrder: last + index + 1,
      HasResponded: false,
    }));
    const results = await insert(records, 'to give a Campaign its member statuses', call);
    // Another process was faster: what is there by now is read again, once.
    const isTaken = ({ kind, ...rest }: SendResult): boolean =>
      kind === 'refused' &&
      'errors' in rest &&
      rest.errors.some(({ statusCode }) => statusCode === 'DUPLICATE_VALUE');
    if (!isRepeated && results.some(isTaken)) continue;
    for (const result of results)
      if (result.kind !== 'written') {
        const cause = refusalOf(result, 'CampaignMemberStatus');
        if (cause.code !== 'destination_misconfigured') throw cause;
        throw misconfigured(
          `The Campaign ${campaignId} lacks the member statuses ${missing.join(' and ')}, and they could not be added: ${cause.message} Add them in Salesforce (Campaign > Campaign Member Statuses).`,
        );
      }
    return;
  }
}

async function query(soql: string, call: Call): Promise<Row[]> {
  const order: ReadOrder = { kind: 'query', path: queryPath(soql) };
  return (await readRows([order], 'for Campaigns', call)).flat();
}

function insert(
  records: readonly Readonly<Record<string, unknown>>[],
  what: string,
  call: Call,
): Promise<SendResult[]> {
  const toPart = (entries: readonly unknown[]): Part => ({
    method: 'POST',
    path: '/composite/sobjects',
    body: { allOrNone: false, records: entries },
  });
  const ways = {
    toChunks: (entries: typeof records) => [{ entries, isAlone: true }],
    toPart,
    idOf: () => null,
    facts: { purpose: 'deliver', effect: 'write', what },
  } as const;
  return sendCollections(records, ways, call);
}

function idOf(result: SendResult | undefined, object: string): string {
  if (result?.kind === 'written') return result.id;
  throw refusalOf(result ?? { kind: 'missing' }, object);
}

function refusalOf(result: Exclude<SendResult, { kind: 'written' }>, object: string): HeadraceError {
  if (result.kind === 'failed') return result.error;
  if (result.kind === 'missing')
    return new HeadraceError(
      'destination_outcome_unknown',
      `Salesforce was asked to make a ${object} and gave no result. Whether it was made is not known.`,
    );
  const shared = findConnectionError([result.errors]);
  if (shared !== undefined) return shared;
  const outcome = toOutcome(result.errors, { object, group: 'create', matchField: 'Id' });
  const message = outcome.kind === 'activated' ? '' : outcome.message;
  return outcome.kind === 'failed' && outcome.retryable
    ? new HeadraceError('destination_unavailable', `Salesforce could not make a ${object}: ${message}`)
    : misconfigured(`Salesforce refused to make a ${object}: ${message}`);
}

const misconfigured = (message: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', message);
