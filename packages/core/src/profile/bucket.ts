/** How many buckets profiles are spread over; a worker leases ranges of them. */
export const bucketCount = 4096;

/** Buckets from the first to the last, both included. */
export type BucketRange = { readonly firstBucket: number; readonly lastBucket: number };

export const allBuckets: BucketRange = { firstBucket: 0, lastBucket: bucketCount - 1 };

/** The bucket of what belongs to no profile yet: a hash of a text that names it (FNV-1a, 32 bits, folded). */
export function bucketOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 12) ^ (hash >>> 24)) & (bucketCount - 1);
}

/**
 * The bucket of a profile: the last 12 bits of its (random) id, so that anyone holding the id knows where
 * its rows lie.
 * @param profileId a UUID in its usual text form.
 */
export function bucketOf(profileId: string): number {
  const bucket = Number.parseInt(profileId.slice(-3), 16);
  if (profileId.length !== 36 || Number.isNaN(bucket))
    throw new RangeError('A profile id is a UUID of 36 characters.');
  return bucket;
}
