import { isPersonAccountField } from '../../schema/person-accounts.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** Person accounts can be told from describe; writing one is beyond this emulator, and never a wrong success. */
export function refusePersonAccount({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  if (!org.definition.personAccounts || draft.object.name !== 'Account') return none;
  const names = [...draft.values.keys()].filter(
    (name) => isPersonAccountField(name) && draft.values.get(name) !== null,
  );
  if (names.length === 0) return none;
  const message = 'Writing a person account is not implemented by this emulator. Nothing was changed.';
  return [recordError('NOT_IMPLEMENTED_BY_EMULATOR', message, names)];
}
