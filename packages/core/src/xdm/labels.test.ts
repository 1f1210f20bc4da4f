import { expect, test } from 'vitest';
import { composeSchema } from './compose.ts';
import { checkLabels, labelFault, labelsAt } from './labels.ts';

const schema = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: ['xdm.demographic-details', 'xdm.loyalty-details'],
});

test('a field inherits the labels of the fields around it, not of those beside or below', () => {
  const labels = {
    person: ['I2'],
    'person.name': ['I1', 'C3'],
    'person.name.lastName': ['I1'],
    personID: ['C2'],
  };
  expect(labelsAt(labels, 'person.name.lastName')).toEqual(['C3', 'I1', 'I2']);
  expect(labelsAt(labels, 'person.birthDate')).toEqual(['I2']);
  expect(labelsAt(labels, 'loyalty.points')).toEqual([]);
  expect(labelsAt(labels, 'toString')).toEqual([]);
});

test('standard labels by their exact name, custom ones by a pattern', () => {
  expect(['C2', 'Third-Party', 'Board_only', 'x1'].map(labelFault)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(labelFault('c2')).toContain('Did you mean "C2"?');
  expect(labelFault('')).toContain('no name of a label');
  expect(labelFault('C2 ')).toContain('no name of a label');
});

test('a label on a field that is not there is refused with the nearest', () => {
  expect(
    checkLabels(schema, {
      'person.name.lastNam': ['I1'],
      'person.name': ['i1', 'I1'],
      'loyalty.pointsExpiration.pointsExpiring': ['C4'],
    }),
  ).toEqual([
    {
      pointer: '/person.name.lastNam',
      message: 'The schema has no field "person.name.lastNam". Did you mean "person.name.lastName"?',
    },
    { pointer: '/person.name/0', message: 'Labels differ by case. Did you mean "I1"?' },
  ]);
});
