/** A record id: 15 characters, case-sensitive, or the same with 3 more as checksum. */
export const recordIdPattern = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/** Whether two ids in either form name one record. */
export const isSameRecordId = (left: string, right: string): boolean =>
  left.slice(0, 15) === right.slice(0, 15);
