import { type DeliveryItem, type DestinationConnection, HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { readActivatedDataflows } from '../store/delivery-dataflows.ts';
import { readKeptRecords } from '../store/export-members.ts';
import { readMemberships } from '../store/segment-memberships.ts';
import { decideDelivery, deliveryRulesOf, heldAs } from './decide-delivery.ts';
import { readDueProfiles } from './read-due-profiles.ts';

/** What a destination takes in one read. */
const pageSize = 2_000;

export type Verification = VerificationCounts & {
  readonly segments: readonly (VerificationCounts & { readonly segmentId: string })[];
};
export type VerificationCounts = {
  /** Members whose last outcome is activated. */
  readonly activated: number;
  readonly found: number;
  readonly equal: number;
  readonly different: number;
  readonly missing: number;
};

/**
 * Reads the records of activated members back and compares them with what the mapping gives now.
 * @throws HeadraceError `not_found`, `conflict` where the destination cannot be read, or as its reading fails.
 */
export async function verifyDataflow(
  pool: pg.Pool,
  connectionFor: (accountId: string) => Promise<DestinationConnection>,
  dataflowId: string,
  now: Date,
  signal: AbortSignal,
): Promise<Verification> {
  const dataflow = (await readActivatedDataflows(pool, now)).find(
    (candidate) => candidate.dataflowId === dataflowId,
  );
  if (dataflow === undefined) throw notFound('dataflow with activated segments', dataflowId);
  const connection = await connectionFor(dataflow.accountId);
  if (!connection.canRead)
    throw new HeadraceError(
      'conflict',
      'This destination cannot be read back, so what it holds cannot be compared. Its dataflow runs tell what it accepted.',
    );
  await connection.targetFields(dataflow.details, signal);
  const rules = deliveryRulesOf(dataflow, connection);
  const total = new Tally();
  const bySegment = new Map(dataflow.segmentIds.map((segmentId) => [segmentId, new Tally()]));
  let after: string | undefined;
  for (;;) {
    const page = await readKeptRecords(pool, { dataflowId, after, limit: pageSize });
    const profileIds = page.map((row) => row.profileId);
    const profiles = await transaction(pool, (trx) =>
      readDueProfiles(
        trx,
        rules,
        page.map(({ profileId }) => ({ profileId, sourceProfileId: null })),
      ),
    );
    const memberships = await readMemberships(pool, profileIds);
    const byObject = new Map<string, { profileId: string; item: DeliveryItem }[]>();
    for (const { profileId, ...row } of page) {
      const decision = decideDelivery(rules, { ...row, member: true }, profiles.of(profileId));
      if (decision.kind !== 'send' || decision.settleAs.status !== 'activated') continue;
      const { object, matchKey, fields, ifEmpty, lists } = decision.record;
      const ofObject = byObject.get(object) ?? [];
      ofObject.push({
        profileId,
        item: { matchKey, recordId: heldAs(row, object).recordId, fields, ifEmpty, lists },
      });
      byObject.set(object, ofObject);
    }
    for (const [object, entries] of byObject) {
      const items = entries.map(({ item }) => item);
      const answers = await connection.read(
        { object, group: 'update', details: dataflow.details, items },
        signal,
      );
      for (const [index, { profileId }] of entries.entries()) {
        const answer = answers[index];
        const verdict =
          answer?.kind !== 'found'
            ? 'missing'
            : answer.differing.length + answer.differingLists.length === 0
              ? ('equal' as const)
              : ('different' as const);
        total.add(verdict);
        for (const [segmentId, { status }] of memberships.get(profileId) ?? [])
          if (status !== 'exited') bySegment.get(segmentId)?.add(verdict);
      }
    }
    after = profileIds.at(-1);
    if (page.length < pageSize) break;
  }
  return {
    ...total.counts(),
    segments: [...bySegment].map(([segmentId, tally]) => ({ segmentId, ...tally.counts() })),
  };
}

class Tally {
  #equal = 0;
  #different = 0;
  #missing = 0;

  add(verdict: 'equal' | 'different' | 'missing'): void {
    if (verdict === 'equal') this.#equal += 1;
    else if (verdict === 'different') this.#different += 1;
    else this.#missing += 1;
  }

  counts(): VerificationCounts {
    const found = this.#equal + this.#different;
    return {
      activated: found + this.#missing,
      found,
      equal: this.#equal,
      different: this.#different,
      missing: this.#missing,
    };
  }
}
