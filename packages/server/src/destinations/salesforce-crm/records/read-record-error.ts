/** One error of one record, as Collections report it; free text is dropped where it is read. */
export type RecordError = {
  readonly statusCode: string;
  readonly fields: readonly string[];
  /** Ids named in the text, for the codes about other records; ids say nothing of a person. */
  readonly recordIds: readonly string[];
  /** What the text of a trigger says was behind it: its code alone does not tell. */
  readonly cause: 'lock' | 'governor' | 'entity' | undefined;
};

const otherRecordCodes = new Set(['DUPLICATE_EXTERNAL_ID', 'DUPLICATE_VALUE', 'UNABLE_TO_LOCK_ROW']);
const idInText = /\b(?:001|003|00Q|00v|701)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?\b/g;

/** Reads `{"statusCode", "message", "fields"}`; names that are none are left out. */
export function readRecordError(input: unknown): RecordError {
  const error: Readonly<Record<string, unknown>> =
    typeof input === 'object' && input !== null ? { ...input } : {};
  const text = typeof error.message === 'string' ? error.message : '';
  const named = error.statusCode ?? error.errorCode;
  const statusCode =
    typeof named === 'string' && /^[A-Z][A-Z0-9_]{0,79}$/.test(named) ? named : 'UNKNOWN_ERROR_CODE';
  const listed = Array.isArray(error.fields)
    ? error.fields.filter(
        (field: unknown): field is string => typeof field === 'string' && /^[A-Za-z]\w{0,79}$/.test(field),
      )
    : [];
  const fields = listed.length === 0 && statusCode === 'DUPLICATE_VALUE' ? duplicateField(text) : listed;
  const recordIds = otherRecordCodes.has(statusCode) ? (text.match(idInText) ?? []).slice(0, 10) : [];
  return { statusCode, fields, recordIds, cause: causeOf(statusCode, text) };
}

/** The name of the unique field, which Salesforce gives in the text alone. */
const duplicateField = (text: string): string[] => {
  const [, name] = /^duplicate value found: ([A-Za-z]\w{0,79}) duplicates value/.exec(text) ?? [];
  return name === undefined ? [] : [name];
};

/** These carry what went wrong in Apex or a flow; names of codes and classes in it are not translated. */
const carriers = new Set([
  'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
  'CANNOT_EXECUTE_FLOW_TRIGGER',
  'APEX_ERROR',
]);

function causeOf(statusCode: string, text: string): RecordError['cause'] {
  if (!carriers.has(statusCode)) return undefined;
  if (text.includes('UNABLE_TO_LOCK_ROW')) return 'lock';
  if (/System\.LimitException|Too many (SOQL|DML|query rows)|Apex CPU time limit/i.test(text))
    return 'governor';
  return /^entity type cannot be (inserted|updated|deleted)/.test(text) ? 'entity' : undefined;
}
