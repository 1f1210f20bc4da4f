import type pg from 'pg';
import { readMarkedAgain } from '../store/bulk-rows.ts';
import { transaction } from '../store/database.ts';
import { type DeliveryRules, decideDelivery } from './decide-delivery.ts';
import { readDueProfiles } from './read-due-profiles.ts';

const pageRows = 1_000;

/**
 * Whether a job that was uploaded may be started: of nobody in it is it known since then that nothing is to be sent,
 * as after an opt-out, an exit or a deletion. Whoever has other values now is sent them after the job, or no large job
 * would ever be started while data comes in.
 */
export async function mayStillBeSent(
  pool: pg.Pool,
  bulkJobId: string,
  rules: DeliveryRules,
): Promise<boolean> {
  for (let after: string | undefined; ; ) {
    const page = await transaction(pool, async (trx) => {
      const marked = await readMarkedAgain(trx, bulkJobId, { after, limit: pageRows });
      return { marked, profiles: await readDueProfiles(trx, rules, marked) };
    });
    const { marked, profiles } = page;
    for (const row of marked) {
      const { profileId } = row;
      const decision = decideDelivery(rules, row, profiles.of(profileId), profiles.goneBy(profileId));
      if (decision.kind !== 'send' || decision.settleAs.status !== 'activated') return false;
    }
    if (marked.length < pageRows) return true;
    after = marked.at(-1)?.profileId;
  }
}
