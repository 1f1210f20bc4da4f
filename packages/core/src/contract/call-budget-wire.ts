import Type from 'typebox';
import { wireCount, wireInstant, wireNullable, wireObject } from './wire.ts';

/** room = min(allowance, destination_allowed - kept_for_others - others_used) - used, where the latter are known. */
export const callBudgetWire = wireObject(
  {
    allowance: wireCount('Calls that Headrace may make in any 24 hours.'),
    allowance_chosen: Type.Boolean({ description: 'By a person; otherwise it is the default.' }),
    kept_for_others: wireCount("Calls of the destination's own limit that Headrace never touches."),
    kept_for_others_chosen: Type.Boolean({
      description: 'By a person; otherwise it is a tenth of the limit.',
    }),
    destination_allowed: wireNullable(
      wireCount("The destination's own limit in any 24 hours, as it last said."),
    ),
    others_used: wireNullable(
      wireCount('What others are taken to have used of it: what the destination said, without ours, ageing.'),
    ),
    observed_at: wireNullable(wireInstant('When the destination last said so.')),
    used: wireCount(
      'Calls that Headrace made in the last 24 hours, all accounts of the organization together.',
    ),
    by_purpose: Type.Array(wireObject({ purpose: Type.String(), calls: wireCount('Calls for it.') })),
    room: wireCount('Calls that may be made now.'),
    next_free_at: wireNullable(wireInstant('Where there is no room: when there will be.')),
    accounts: Type.Array(Type.String(), {
      description: 'Names of the accounts that share the budget: those of one organization.',
    }),
  },
  { title: 'Budget of calls' },
);

const callCount = (description: string) => Type.Integer({ minimum: 0, maximum: 1_000_000_000, description });

export const callBudgetPatchWire = wireObject(
  {
    allowance: Type.Optional(wireNullable(callCount('Calls in any 24 hours; null for the default.'))),
    kept_for_others: Type.Optional(
      wireNullable(callCount("Calls of the destination's own limit left to others; null for the default.")),
    ),
  },
  { title: 'Change of a budget of calls' },
);

export const forecastWire = wireObject(
  {
    records: wireCount('Members still to be delivered.'),
    records_per_call: wireCount('What a call carries while much is due.'),
    calls: wireCount('Calls that they need, at least.'),
    allowance: wireCount('Calls that may be made in any 24 hours.'),
    room: wireCount('Calls that may be made now.'),
    done_at: wireNullable(
      wireInstant(
        'About when they will be delivered; null where that is more than 30 days away, or the dataflow stands still.',
      ),
    ),
    message: Type.String({ description: 'The same in words.' }),
  },
  { title: 'Forecast' },
);
