import { expect, test } from 'vitest';
import { composeSchema } from './compose.ts';
import { compileCsvMapping } from './csv-mapping.ts';
import { findMappingGaps } from './csv-mapping-gaps.ts';

const profile = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: ['xdm.demographic-details', 'xdm.identity-map'],
});
const event = composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: ['xdm.identity-map'] });
const crm = [{ path: 'personID', namespace: 'CRMID', primary: true }];
const ofMap = {
  columns: { who: 'identityMap.CRMID[0].id' },
  constants: { 'identityMap.CRMID[0].primary': true },
};

test.each([
  [profile, crm, { columns: { id: 'personID' } }, []],
  [profile, crm, ofMap, []],
  [profile, crm, { columns: { name: 'person.name.lastName' } }, ['/personID']],
  [profile, [], { columns: { who: 'identityMap.CRMID[0].id' } }, ['/identityMap']],
  [event, [], ofMap, ['/_id', '/timestamp']],
  [event, [], { ...ofMap, columns: { ...ofMap.columns, id: '_id', at: 'timestamp' } }, []],
])(
  'what no record could do without and nothing fills is found: %#',
  (schema, identities, mapping, pointers) => {
    const gaps = findMappingGaps(compileCsvMapping(mapping, schema), schema, identities);
    expect(gaps.map(({ pointer }) => pointer)).toEqual(pointers);
  },
);
