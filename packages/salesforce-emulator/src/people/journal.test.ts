import { expect, test } from 'vitest';
import { parseOrgDefinition } from '../definition/org-definition.ts';
import { openOrg } from '../org/open-org.ts';
import { undeleteRecord } from '../records/recycle-bin.ts';
import { saveRecords, startSaving } from '../records/save-records.ts';
import { findObject } from '../schema/catalog.ts';
import { convertLead } from './convert-lead.ts';
import { mergeRecords } from './merge-records.ts';
import { personContext } from './person-context.ts';

function openPerson() {
  const org = openOrg({
    definition: parseOrgDefinition({}),
    dataDir: undefined,
    clock: () => Date.UTC(2026, 8, 22),
    seed: 'journal',
  });
  const context = personContext(org, undefined);
  const object = (name: string) => {
    const found = findObject(org.catalog, name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const create = (name: string, fields: Record<string, string>): string => {
    const [result] = saveRecords(context, [{ kind: 'create', object: object(name), fields }], false);
    return result?.id ?? '';
  };
  const changes = () =>
    org.database
      .prepare("select kind, object, changes from _change where kind <> 'created' order by sequence")
      .all()
      .map(({ kind, object: name, changes: json }) => [
        kind,
        name,
        json === null ? null : JSON.parse(String(json)),
      ]);
  return { org, context, object, create, changes };
}

test('the journal of changes tells merges, conversions, what came back and what went for good', () => {
  const { org, context, object, create, changes } = openPerson();
  const [winner, loser] = [create('Contact', { LastName: 'A' }), create('Contact', { LastName: 'B' })];
  const contact = object('Contact');
  mergeRecords(context, { object: contact, masterId: winner, ids: [loser], fields: { Title: 'Dr' } });
  expect(changes()).toEqual([
    ['deleted', 'Contact', { MasterRecordId: [null, winner] }],
    ['updated', 'Contact', { Title: [null, 'Dr'] }],
  ]);
  org.database.prepare('delete from _change').run();
  const lead = create('Lead', { LastName: 'L', Company: 'C' });
  const converted = convertLead(context, { leadId: lead });
  expect(converted.kind).toBe('converted');
  expect(changes()).toEqual([
    [
      'updated',
      'Lead',
      expect.objectContaining({ IsConverted: [0, 1], ConvertedDate: [null, '2026-09-22'] }),
    ],
  ]);
  org.database.prepare('delete from _change').run();
  org.database.transaction(() => {
    const saving = startSaving(context);
    expect(undeleteRecord(saving, loser).success).toBe(true);
    saving.notes.write();
  });
  saveRecords(context, [{ kind: 'delete', object: contact, id: loser, isForGood: true }], false);
  expect(changes().map(([kind]) => kind)).toEqual(['undeleted', 'deleted']);
  const left = org.database.prepare('select count(*) as n from Contact where IsDeleted = 1').get();
  expect(left?.n).toBe(0);
  expect(org.database.prepare('select count(*) as n from _bin').get()?.n).toBe(0);
  org.database.close();
});
