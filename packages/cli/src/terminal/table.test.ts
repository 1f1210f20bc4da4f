import { expect, test } from 'vitest';
import { renderTable } from './table.ts';

test('a table has aligned cells, wraps long ones, and holds no colour codes', () => {
  const text = renderTable(
    [{ title: 'Segment' }, { title: 'Profiles', align: 'right' }, { title: 'What to do', width: 16 }],
    [
      ['Gold', '12', 'nothing at all to be done'],
      ['Silver', '1,300', ''],
    ],
  );
  expect(text).toBe(
    [
      '┌─────────┬──────────┬────────────────┐',
      '│ Segment │ Profiles │ What to do     │',
      '├─────────┼──────────┼────────────────┤',
      '│ Gold    │       12 │ nothing at all │',
      '│         │          │ to be done     │',
      '│ Silver  │    1,300 │                │',
      '└─────────┴──────────┴────────────────┘',
    ].join('\n'),
  );
});
