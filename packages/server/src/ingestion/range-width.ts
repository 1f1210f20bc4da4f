/** Profiles changed in one transaction, about: ingestion waits no longer than that takes. */
const mostProfiles = 500;
/** Where a range of buckets holds fewer, the next one is twice as wide. */
const fewProfiles = 250;

/** The same of work paced by time, which takes a range as long as it may: each reads nearly every page of the tables. */
const [shortMs, wantedMs, longMs] = [300, 400, 500];
/** What few profiles take says little of what many do. */
const mostWider = 8;

/** What the last range of buckets was. Profiles are spread over buckets at random: the next ones hold about as many. */
export type LastRange = { readonly width: number; readonly profiles: number; readonly tookMs: number };

/**
 * How many buckets the next range of work on everyone has.
 * @param isPacedByTime what a profile takes differs widely, so that only time tells.
 */
export function nextWidth({ width, profiles, tookMs }: LastRange, isPacedByTime: boolean): number {
  if (!isPacedByTime) {
    if (profiles < fewProfiles) return width * 2;
    return profiles > mostProfiles ? Math.ceil(width / 2) : width;
  }
  if (tookMs >= shortMs && tookMs <= longMs) return width;
  const factor = Math.min(wantedMs / Math.max(tookMs, 1), mostWider);
  return Math.max(1, Math.floor(width * factor));
}
