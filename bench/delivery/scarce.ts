import type { DataflowDetails, MappingRow } from '@headrace/core';
import { bareLoop } from './bare-loop.ts';
import { startBenchOrg } from './bench-org.ts';
import { type MovedFigures, movedBackfill } from './moved-server.ts';
import { mapping } from './people.ts';

/** Of 5,000 calls in any 24 hours 250 are left, and the other 4,750 become free over the next 24. */
const allowance = 5_000;
const madeBefore = 4_750;
const direct: DataflowDetails = { membership: 'none', bulk: 'never' };
/** What an org has of a phone number stays: so everyone is read before anything is written. */
const comparing: readonly MappingRow[] = mapping.map((row) =>
  row.target === 'number' ? { ...row, overwrite: 'if_empty' } : row,
);

/** Calls are scarce: everyone is new, and written without reading. */
export async function scarceCalls(people: number): Promise<MovedFigures> {
  const org = await startBenchOrg();
  try {
    return await movedBackfill(org, { people, details: direct, mapping, allowance, madeBefore });
  } finally {
    await org.stop();
  }
}

/** Likewise, but everyone is read first. @param known so many of them are in the org already, with another city. */
export async function compareCalls(people: number, known: number): Promise<MovedFigures> {
  const org = await startBenchOrg();
  try {
    await bareLoop(org, known, 5, { MailingCity: 'Elsewhere' });
    await org.ask('DELETE', '/emulator/journal');
    return await movedBackfill(org, { people, details: direct, mapping: comparing, allowance, madeBefore });
  } finally {
    await org.stop();
  }
}

/** A backlog goes as jobs of five minutes. */
export async function bulkCalls(people: number): Promise<MovedFigures> {
  const org = await startBenchOrg({ bulk: { minJobMs: 300_000 } });
  try {
    const details = { membership: 'none' };
    return await movedBackfill(org, { people, details, mapping, allowance, madeBefore });
  } finally {
    await org.stop();
  }
}
