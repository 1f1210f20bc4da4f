import { defaultWriteOptions, type WriteContext, type WriteOptions } from '../records/write-context.ts';
import type { Call } from './route.ts';

/** Who saves and how, from a call's session and headers. */
export const writeContextOf = (call: Call): WriteContext => ({
  org: call.emulator.org,
  userId: call.session?.userId ?? '',
  catalog: call.catalog,
  options: readOptions(call),
  call: call.sequence === 0 ? null : call.sequence,
});

/** The first version that reads `Sforce-Duplicate-Rule-Header`. */
const firstWithDuplicateRules = 52;

function readOptions({ headers, version }: Call): WriteOptions {
  const duplicateRule =
    Number(version) < firstWithDuplicateRules ? undefined : headers['sforce-duplicate-rule-header'];
  const autoAssign = headers['sforce-auto-assign'];
  if (duplicateRule === undefined && autoAssign === undefined) return defaultWriteOptions;
  const flag = (name: string): boolean =>
    new RegExp(`(?:^|[;,\\s])${name}\\s*=\\s*true`, 'i').test(String(duplicateRule ?? ''));
  return {
    duplicateRule: {
      allowSave: flag('allowSave'),
      includeRecordDetails: flag('includeRecordDetails'),
      runAsCurrentUser: flag('runAsCurrentUser'),
    },
    assignmentRule: readAssignment(String(autoAssign ?? 'TRUE').trim()),
  };
}

function readAssignment(header: string): WriteOptions['assignmentRule'] {
  if (/^true$/i.test(header)) return 'active';
  return /^false$/i.test(header) ? 'none' : { id: header };
}
