import Type from 'typebox';

/** How the org works off Bulk API jobs. Times in milliseconds of the org's clock, so that moving it ends them. */
export const bulkSchema = Type.Object(
  {
    minJobMs: Type.Number({
      minimum: 0,
      default: 0,
      description: 'a job ends no sooner after it was closed',
    }),
    msPerBatch: Type.Number({ minimum: 0, default: 0, description: 'for every 10,000 rows' }),
    shuffleResults: Type.Boolean({ default: false, description: 'results in another order than the rows' }),
    dailyBatches: Type.Integer({ minimum: 0, default: 15_000, description: 'batches in 24 hours' }),
    dailyRecords: Type.Integer({ minimum: 0, default: 150_000_000, description: 'rows in 24 hours' }),
  },
  { additionalProperties: false, default: {} },
);
