import type { Db } from './database.ts';

/** What may be mended: the sign-in of an account, or what else stopped a dataflow. */
export type Probed = { readonly table: 'account' | 'dataflow'; readonly id: string };

/** Milliseconds. */
export type ProbeWaits = {
  readonly firstMs: number;
  /** It doubles up to this. */
  readonly longestMs: number;
  /** After so long without a stop the first wait comes first again. */
  readonly forgetMs: number;
};

/**
 * Puts off when it is next asked whether something is mended, for all servers, if that may be asked now: whoever puts
 * it off asks. What failed once more since then is put off for longer, though it seemed mended in between.
 * @returns whether it could be asked now.
 */
export async function putOffProbe(
  db: Db,
  { table, id }: Probed,
  { firstMs, longestMs, forgetMs }: ProbeWaits,
  now: Date,
): Promise<boolean> {
  const put = await db.query(
    // One that lies too far ahead is of a clock that was wrong; a little farther is what another has just put off.
    `update ${table}
     set probes = case when ${isForgotten} then 1 else probes + 1 end,
       probe_at = $2::timestamptz + make_interval(secs =>
         least($4::double precision, $3::double precision * 2 ^ least(case when ${isForgotten} then 0 else probes end, 20)) / 1000)
     where ${table}_id = $1
       and (probe_at is null or probe_at <= $2 or probe_at > $2::timestamptz + make_interval(secs => 2 * $4::double precision / 1000))`,
    [id, now, firstMs, longestMs, forgetMs],
  );
  return put.rowCount === 1;
}

const isForgotten = `coalesce(probe_at < $2::timestamptz - make_interval(secs => $5::double precision / 1000), true)`;
