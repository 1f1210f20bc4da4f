const hourMs = 3_600_000;

/** The start of the dataflow run an instant belongs to: the hour, rounded down, in UTC. */
export const runHourOf = (instant: Date): Date => new Date(Math.floor(instant.getTime() / hourMs) * hourMs);
