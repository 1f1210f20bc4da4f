import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseOrgDefinition } from '../../definition/org-definition.ts';
import type { JsonObject } from '../../json.ts';
import { openOrg } from '../../org/open-org.ts';
import type { OrgState } from '../../org/org-state.ts';
import { createRecordId } from '../../org/record-id.ts';
import { findObject } from '../../schema/catalog.ts';
import { saveRecords } from '../save-records.ts';
import { defaultWriteOptions } from '../write-context.ts';

type Save = (
  kind: 'create' | 'update' | 'delete',
  name: string,
  fields: JsonObject,
  id?: string,
) => string | undefined;

function saverOf(org: OrgState): Save {
  const userId = createRecordId('005', 1);
  const context = { org, userId, catalog: org.catalog, options: defaultWriteOptions, call: null };
  return (kind, name, fields, id = '') => {
    const object = findObject(org.catalog, name);
    if (object === undefined) throw new Error(`There is no ${name}.`);
    const write = kind === 'create' ? { kind, object, fields } : { kind, object, fields, id };
    return saveRecords(context, [write], false)[0]?.id;
  };
}

const at = fc.nat(5);
const step = fc.oneof(
  fc.record({ kind: fc.constant('campaign' as const), parent: at, cost: fc.nat(9) }),
  fc.record({ kind: fc.constant('move' as const), at, parent: fc.option(at), cost: fc.nat(9) }),
  fc.record({ kind: fc.constant('member' as const), at, person: at, responded: fc.boolean() }),
  fc.record({ kind: fc.constant('respond' as const), at, responded: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('drop' as const, 'dropMember' as const, 'dropPerson' as const), at }),
);

/** What a campaign's totals have to be, counted anew: its own members, and those of the live campaigns below. */
function countAnew(org: OrgState, id: string): Record<string, number> {
  const own = org.database
    .prepare(
      `select count(ContactId) as contacts, count(LeadId) as leads, total(HasResponded) as responses
       from CampaignMember where CampaignId = ? and IsDeleted = 0`,
    )
    .get(id);
  const [campaign] = org.database
    .prepare("select ifnull(ActualCost, 0) as cost from Campaign where rid = record_number(?, '701')")
    .all(id);
  const below = { ...own, ...campaign } as Record<string, number>;
  const children = org.database
    .prepare('select rid from Campaign where ParentId = ? and IsDeleted = 0')
    .all(id);
  for (const { rid } of children)
    for (const [name, count] of Object.entries(countAnew(org, createRecordId('701', Number(rid)))))
      below[name] = (below[name] ?? 0) + count;
  return below;
}

test('after any changes, totals are what counting anew gives', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const org = openOrg({
        definition: parseOrgDefinition({}),
        dataDir: undefined,
        clock: () => 0,
        seed: 'totals',
      });
      const save = saverOf(org);
      const people = Array.from({ length: 6 }, (_, index) =>
        index % 2 === 0
          ? save('create', 'Contact', { LastName: 'C' })
          : save('create', 'Lead', { LastName: 'L', Company: 'L' }),
      );
      const campaigns: (string | undefined)[] = [save('create', 'Campaign', { Name: 'Top', ActualCost: 1 })];
      const members: (string | undefined)[] = [];
      for (const each of steps) {
        const campaign = campaigns[each.kind === 'campaign' ? each.parent : each.at];
        const status = 'responded' in each && each.responded ? 'Responded' : 'Sent';
        if (each.kind === 'campaign')
          campaigns.push(
            save('create', 'Campaign', { Name: 'X', ActualCost: each.cost, ParentId: campaign ?? null }),
          );
        else if (each.kind === 'move') {
          const parent = each.parent === null ? null : campaigns[each.parent];
          const fields = { ActualCost: each.cost, ...(parent === undefined ? {} : { ParentId: parent }) };
          save('update', 'Campaign', fields, campaign);
        } else if (each.kind === 'member') {
          const person = people[each.person];
          const reference = each.person % 2 === 0 ? 'ContactId' : 'LeadId';
          const fields = { CampaignId: campaign ?? null, [reference]: person ?? null, Status: status };
          members.push(save('create', 'CampaignMember', fields));
        } else if (each.kind === 'respond')
          save('update', 'CampaignMember', { Status: status }, members[each.at]);
        else if (each.kind === 'drop') save('delete', 'Campaign', {}, campaign);
        else if (each.kind === 'dropMember') save('delete', 'CampaignMember', {}, members[each.at]);
        else save('delete', each.at % 2 === 0 ? 'Contact' : 'Lead', {}, people[each.at]);
      }
      const kept = org.database
        .prepare(
          `select rid, HierarchyNumberOfContacts as contacts, HierarchyNumberOfLeads as leads,
             HierarchyNumberOfResponses as responses, HierarchyActualCost as cost
           from Campaign where IsDeleted = 0`,
        )
        .all();
      for (const { rid, ...totals } of kept)
        expect({ ...totals }).toEqual(countAnew(org, createRecordId('701', Number(rid))));
      org.database.close();
    }),
    { numRuns: 60 },
  );
});
