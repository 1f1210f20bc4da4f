import type { OrgState } from '../../org/org-state.ts';
import { recordNumberOf } from '../../org/record-id.ts';
import type { StoredValue } from '../../schema/field.ts';
import type { ObjectType } from '../../schema/object-type.ts';
import type { Row } from '../../store/database.ts';
import type { Draft } from '../draft.ts';
import type { RecordError } from '../record-error.ts';
import type { BinChange } from '../save-step.ts';
import type { WriteContext } from '../write-context.ts';

/** What a campaign knows of itself, and under `Hierarchy…` of itself and all campaigns below it. */
const totals = [
  'NumberOfLeads',
  'NumberOfConvertedLeads',
  'NumberOfContacts',
  'NumberOfResponses',
  'NumberSent',
  'ExpectedRevenue',
  'BudgetedCost',
  'ActualCost',
] as const;
type Total = (typeof totals)[number];
export type TotalChanges = Partial<Record<Total, number>>;

const none: readonly RecordError[] = [];
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const isNothing = (changes: TotalChanges): boolean => Object.values(changes).every((change) => change === 0);

/**
 * Adds to what a campaign counts of its members, and to the hierarchy totals of it and of those above it. A
 * campaign in the recycle bin keeps its own totals but passes nothing on: it was taken out of its parents whole.
 */
export function addToCampaign(org: OrgState, campaignId: string, changes: TotalChanges): void {
  const rid = recordNumberOf(campaignId);
  if (rid === undefined || isNothing(changes)) return;
  const names = Object.keys(changes);
  const sets = names.map((name) => `${name} = ifnull(${name}, 0) + ?`).join(', ');
  org.database.prepare(`update Campaign set ${sets} where rid = ?`).run(...Object.values(changes), rid);
  addToHierarchy(org, campaignId, changes);
}

/** Adds to the hierarchy totals of a campaign and of those above it, as far as they are not in the bin. */
function addToHierarchy(org: OrgState, campaignId: StoredValue, changes: TotalChanges): void {
  if (isNothing(changes)) return;
  const names = Object.keys(changes);
  const sets = names.map((name) => `Hierarchy${name} = ifnull(Hierarchy${name}, 0) + ?`).join(', ');
  const update = org.database.prepare(`update Campaign set ${sets} where rid = ?`);
  const step = org.database.prepare('select ParentId, IsDeleted from Campaign where rid = ?');
  const seen = new Set<number>();
  for (let id = campaignId; typeof id === 'string'; ) {
    const rid = recordNumberOf(id);
    const row = rid === undefined || seen.has(rid) ? undefined : step.get(rid);
    if (rid === undefined || row === undefined) return;
    seen.add(rid);
    update.run(...Object.values(changes), rid);
    id = row.IsDeleted === 1 ? null : typeof row.ParentId === 'string' ? row.ParentId : null;
  }
}

const hierarchyOf = (row: Row | ReadonlyMap<string, StoredValue>, sign: 1 | -1): TotalChanges =>
  Object.fromEntries(
    totals.map((name) => {
      const key = `Hierarchy${name}`;
      return [name, sign * numberOf(row instanceof Map ? row.get(key) : Reflect.get(row, key))];
    }),
  );

const ownTotals = ['NumberSent', 'ExpectedRevenue', 'BudgetedCost', 'ActualCost'] as const;

/** A campaign's hierarchy totals begin with what it says of itself. */
export function setCampaignTotals(_context: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, values } = draft;
  if (object.name !== 'Campaign') return none;
  const before = draft.before();
  for (const name of ownTotals) {
    const value = values.get(name);
    if (value === undefined) continue;
    const changed = numberOf(value) - numberOf(before?.[name]);
    values.set(`Hierarchy${name}`, numberOf(before?.[`Hierarchy${name}`]) + changed);
  }
  return none;
}

/** Campaigns above follow what was changed in one, or that it moved to another parent. */
export function followCampaignTotals({ org }: WriteContext, draft: Draft): void {
  const { object, values } = draft;
  if (object.name !== 'Campaign') return;
  if (!values.has('ParentId') && !ownTotals.some((name) => values.has(name))) return;
  const before = draft.before();
  const oldParent = typeof before?.ParentId === 'string' ? before.ParentId : null;
  const newParent = values.get('ParentId') === undefined ? oldParent : (values.get('ParentId') ?? null);
  if (oldParent === null && newParent === null) return;
  const old = before ?? {};
  const now = new Map(
    Object.entries(old).filter((entry): entry is [string, StoredValue] => isStored(entry[1])),
  );
  for (const [name, value] of values) now.set(name, value);
  if (oldParent !== null) addToHierarchy(org, oldParent, hierarchyOf(old, -1));
  if (newParent !== null) addToHierarchy(org, newParent, hierarchyOf(now, 1));
}

const isStored = (value: unknown): value is StoredValue =>
  value === null || typeof value === 'string' || typeof value === 'number';

/** What one member counts for. */
function memberCount(read: (name: string) => unknown, sign: 1 | -1): TotalChanges {
  return {
    ...(read('ContactId') === null ? { NumberOfLeads: sign } : { NumberOfContacts: sign }),
    NumberOfResponses: read('HasResponded') === 1 ? sign : 0,
  };
}

/** A campaign counts its members as they come and respond. */
export function countCampaignMember({ org }: WriteContext, draft: Draft): void {
  if (draft.object.name !== 'CampaignMember') return;
  const { values } = draft;
  if (draft.mode === 'create') {
    const count = memberCount((name) => values.get(name) ?? null, 1);
    addToCampaign(org, String(values.get('CampaignId')), count);
    return;
  }
  const before = draft.before();
  const responded = values.get('HasResponded');
  if (before === undefined || responded === undefined) return;
  const changed = numberOf(responded) - numberOf(before.HasResponded);
  addToCampaign(org, String(before.CampaignId), { NumberOfResponses: changed });
}

/** Totals follow what goes to the recycle bin and what comes back. */
export function recountCampaign(
  { org }: WriteContext,
  object: ObjectType,
  rid: number,
  change: BinChange,
): void {
  const sign = change === 'deleted' ? -1 : 1;
  if (object.name === 'Campaign') {
    const row = org.database.prepare('select * from Campaign where rid = ?').get(rid);
    if (typeof row?.ParentId === 'string') addToHierarchy(org, row.ParentId, hierarchyOf(row, sign));
  } else if (object.name === 'CampaignMember') {
    const row = org.database.prepare('select * from CampaignMember where rid = ?').get(rid);
    if (row !== undefined)
      addToCampaign(
        org,
        String(row.CampaignId),
        memberCount((name) => Reflect.get(row, name) ?? null, sign),
      );
  }
}
