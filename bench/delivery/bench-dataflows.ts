import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServer } from '../ingest/bench-server.ts';
import type { BenchOrg } from './bench-org.ts';
import { makePeople, mapping, schema } from './people.ts';

export type Backfill = { readonly seconds: number; readonly cpuSeconds: number; readonly calls: number };

export type BenchDataflows = Awaited<ReturnType<typeof setUp>>;

/** A workspace with an account of the org; dataflows write record by record. */
export async function setUp(server: BenchServer, org: BenchOrg) {
  const { call, database } = server;
  const { schema_id } = await call('POST', '/schemas', schema);
  const { dataset_id } = await call('POST', '/datasets', { name: 'People', schema_id });
  const { account_id } = await call('POST', '/accounts', {
    destination_type: 'salesforce-crm',
    name: 'Bench',
    authentication: 'oauth2-password',
    values: { ...org.credentials, custom_domain: org.url },
  });
  /** A dataflow, and a segment of everyone with so many points that has been evaluated. */
  const pairOf = async (name: string, points: number) => {
    const segment = { name, description: '', expression: `loyalty.points = ${points}` };
    const { segment_id } = await call('POST', '/segments', segment);
    while ((await call('GET', `/segments/${String(segment_id)}`)).evaluated_at === null) await sleep(50);
    const { dataflow_id } = await call('POST', '/dataflows', {
      account_id,
      name,
      details: { membership: 'none', bulk: 'never' },
      mapping,
    });
    return { segment_id, dataflow_id };
  };
  let round = 0;

  /** Makes people, activates a segment of theirs, and waits until all are in the org. */
  const backfill = async (from: number, to: number): Promise<Backfill> => {
    round += 1;
    await makePeople(server, { from, to, points: round });
    const { segment_id, dataflow_id } = await pairOf(`Round ${round}`, round);
    await database.query('vacuum (analyze) segment_membership');
    const [cpu, calls] = [await server.cpuSeconds(), await org.calls()];
    const startedMs = performance.now();
    await call('POST', `/dataflows/${String(dataflow_id)}/activations`, { segment_id });
    for (let activated = 0; activated < to - from; ) {
      await sleep(to - from > 100_000 ? 1_000 : 50);
      const found = await database.query<{ count: number }>(
        `select coalesce(sum(activated), 0)::int as count from dataflow_run where dataflow_id = $1`,
        [dataflow_id],
      );
      activated = found.rows[0]?.count ?? 0;
      if (to - from > 100_000) process.stderr.write(`activated: ${activated} of ${to - from}\n`);
    }
    const after = await server.cpuSeconds();
    return {
      seconds: (performance.now() - startedMs) / 1_000,
      cpuSeconds: after.server + after.postgres - cpu.server - cpu.postgres,
      calls: (await org.calls()) - calls,
    };
  };

  return { datasetId: String(dataset_id), pairOf, backfill };
}
