import { createHash, timingSafeEqual } from 'node:crypto';
import type { OrgState } from '../org/org-state.ts';

/** What is kept of a token or code, so that the data folder does not open the org. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether two secrets are the same, in a time that tells nothing of where they differ. */
export const isSameSecret = (given: string, expected: string): boolean =>
  timingSafeEqual(
    createHash('sha256').update(given).digest(),
    createHash('sha256').update(expected).digest(),
  );

/** Random text of letters, digits, `.` and `_`. */
export const randomText = (org: OrgState, bytes: number): string =>
  org.randomBytes(bytes).toString('base64').replaceAll('+', '.').replaceAll('/', '_').replaceAll('=', '');
