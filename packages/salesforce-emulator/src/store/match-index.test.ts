import { expect, test } from 'vitest';
import { standardCatalog } from '../schema/catalog.ts';
import { openDatabase } from './database.ts';
import { ensureMatchIndex, findMatches } from './match-index.ts';
import { ensureTable, insertRecord, recordValues } from './record-table.ts';

test('candidates are found by an index over what the methods match by', () => {
  const database = openDatabase(undefined);
  const contact = standardCatalog.get('contact');
  const [lastName, phone] = ['LastName', 'Phone'].map((name) => contact?.fieldByName.get(name));
  if (contact === undefined || lastName === undefined || phone === undefined) throw new Error('no Contact');
  ensureTable(database, contact);
  const columns = [
    { field: phone, method: 'Phone' },
    { field: lastName, method: 'LastName' },
  ] as const;
  ensureMatchIndex(database, contact, columns);
  const add = (rid: number, LastName: string, Phone: string | null, IsDeleted = 0): void =>
    insertRecord(database, contact, rid, recordValues({ LastName, Phone, IsDeleted }));
  add(1, 'Smith', '(1) 23');
  add(2, 'Smyth', '1-2-3');
  add(3, 'Smith', '123', 1);
  add(4, 'Jones', '123');
  add(5, 'Smith', null);
  const found = (phoneKey: string | null) =>
    findMatches(database, contact, columns, [phoneKey, 'smt'], 100).map(({ rid }) => rid);
  expect(found('123')).toEqual([1, 2]);
  expect(found(null)).toEqual([5]);
  const plan = database
    .prepare(
      `explain query plan select * from "Contact" where match_key('Phone', "Phone") is ? and match_key('LastName', "LastName") is ? and IsDeleted = 0 order by rid limit 100`,
    )
    .all('123', 'smt');
  expect(plan.map(({ detail }) => detail).join()).toContain(
    'USING INDEX Contact~Phone:Phone~LastName:LastName',
  );
  database.close();
});
