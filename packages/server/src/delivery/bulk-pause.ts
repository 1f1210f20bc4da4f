const shortestMs = 5_000;
const longestMs = 600_000;
/** A minute for 100,000 records, which no org does faster. */
const msPerRecord = 0.6;
const growth = 1.5;

/**
 * How long a job is left alone before it is asked again how it stands: four times in the first eight minutes of one of
 * 100,000 records, since each time is a call.
 */
export const bulkPauseMs = (records: number, looks: number): number =>
  Math.min(longestMs, Math.max(shortestMs, records * msPerRecord) * growth ** looks);
