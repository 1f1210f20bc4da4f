/** A record id: 15 characters, case-sensitive, or the same with 3 more as checksum. */
export const recordIdPattern = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/** What two ids that name one record, in either form, have in common. */
export const recordKey = (id: string): string => id.slice(0, 15);

/** Whether two ids in either form name one record. */
export const isSameRecordId = (left: string, right: string): boolean => recordKey(left) === recordKey(right);

/** Objects that are written, by the first characters of their ids, which are the same in every org. */
const objectsByPrefix: Readonly<Record<string, string>> = {
  '001': 'Account',
  '003': 'Contact',
  '00Q': 'Lead',
  '701': 'Campaign',
};

/** The object an id belongs to; undefined for another than is written. */
export const objectOfId = (id: string): string | undefined => objectsByPrefix[id.slice(0, 3)];
