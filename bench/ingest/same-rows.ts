import { rows, transaction } from '../../packages/server/src/store/database.ts';
import type { BenchServer } from './bench-server.ts';

type Values = unknown[][];
type Table = {
  /** Selects the rows that transactions of a batch wrote, with the transaction's number first. */
  readonly read: string;
  readonly write: string;
};

/** The fragments of a batch tell its transactions; everything else is found by their profiles. */
const written = `with written as materialized (
    select xmin::text::bigint as trx, f.* from profile_fragment f where batch_id = $1
  )`;

const tables: readonly Table[] = [
  {
    read: `${written} select trx, bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp::text,
        batch_id, received_at::text, identities::text, document::text from written order by trx`,
    write: `insert into profile_fragment
        (bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp, batch_id, received_at,
          identities, document)
      select a, b, c, d, e, f, g, h, i, j, k::jsonb, l::jsonb
      from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[],
        $8::timestamptz[], $9::uuid[], $10::timestamptz[], $11::text[], $12::text[])
        as t (a, b, c, d, e, f, g, h, i, j, k, l)
      on conflict (bucket, profile_id, dataset_id, namespace, value) do update
      set origin_id = excluded.origin_id, record_id = excluded.record_id, stamp = excluded.stamp,
        batch_id = excluded.batch_id, received_at = excluded.received_at, identities = excluded.identities,
        document = excluded.document`,
  },
  {
    read: `${written} select trx, i.namespace, i.value, i.profile_id
      from written w cross join jsonb_to_recordset(w.identities) as l (namespace text, value text)
      join identity i on i.namespace = l.namespace and i.value = l.value
      where i.xmin::text::bigint = trx order by trx`,
    write: `insert into identity (namespace, value, profile_id)
      select * from unnest($1::text[], $2::text[], $3::uuid[])`,
  },
  {
    read: `${written} select trx, p.bucket, p.profile_id, p.document::text, p.version, p.created_at::text, p.updated_at::text
      from written join profile p using (bucket, profile_id) order by trx`,
    write: `insert into profile (bucket, profile_id, document, version, created_at, updated_at)
      select a, b, c::jsonb, d, e, f
      from unnest($1::smallint[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
        as t (a, b, c, d, e, f)
      on conflict (bucket, profile_id) do update
      set document = excluded.document, version = excluded.version, updated_at = excluded.updated_at`,
  },
  {
    read: `${written} select trx, c.bucket, c.profile_id, c.version, c.at::text, c.kind, c.changes::text
      from written join profile_change c using (bucket, profile_id)
      where c.xmin::text::bigint = trx order by trx`,
    write: `insert into profile_change (bucket, profile_id, version, at, kind, changes)
      select a, b, c, d, e, f::jsonb
      from unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[])
        as t (a, b, c, d, e, f)`,
  },
  {
    read: `${written} select trx, m.bucket, m.profile_id, m.segment_id, m.status, m.last_qualification_time::text
      from written join segment_membership m using (bucket, profile_id)
      where m.xmin::text::bigint = trx order by trx`,
    write: `insert into segment_membership (bucket, profile_id, segment_id, status, last_qualification_time)
      select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
      on conflict (bucket, profile_id, segment_id) do update
      set status = excluded.status, last_qualification_time = excluded.last_qualification_time`,
  },
];

export type SameRows = { readonly seconds: number; readonly rows: number; readonly transactions: number };

/**
 * Writes the rows that a batch wrote once more, into the same tables of a database that went through the same
 * before, with no logic: one prepared statement a table, in the transactions in which the batch wrote them, on one
 * connection. Reading them happens before the clock starts.
 */
export async function writeSameRows(
  { database, emptyDatabase }: Pick<BenchServer, 'database' | 'emptyDatabase'>,
  batchId: string,
): Promise<SameRows> {
  const work = new Map<number, { readonly name: string; readonly text: string; readonly values: Values }[]>();
  let count = 0;
  for (const [index, { read, write }] of tables.entries()) {
    const byTrx = new Map<number, Values>();
    for (const row of await rows<{ trx: number }>(database, read, [batchId])) {
      const { trx, ...columns } = row;
      const values = byTrx.get(trx) ?? Object.keys(columns).map(() => []);
      byTrx.set(trx, values);
      for (const [column, value] of Object.values(columns).entries()) values[column]?.push(value);
      count += 1;
    }
    for (const [trx, values] of byTrx)
      work.set(trx, [...(work.get(trx) ?? []), { name: `same-${index}`, text: write, values }]);
  }
  const references = await rows<{ table: string }>(
    emptyDatabase,
    `select conrelid::regclass || ' drop constraint ' || conname as table from pg_constraint where contype = 'f'
       and conrelid = 'segment_membership'::regclass`,
  );
  // The segments of the other database are not there.
  for (const { table } of references) await emptyDatabase.query(`alter table ${table}`);

  const startedAt = performance.now();
  for (const [, statements] of [...work].sort(([a], [b]) => a - b))
    await transaction(emptyDatabase, async (trx) => {
      for (const statement of statements) await trx.query(statement);
    });
  return { seconds: (performance.now() - startedAt) / 1_000, rows: count, transactions: work.size };
}
