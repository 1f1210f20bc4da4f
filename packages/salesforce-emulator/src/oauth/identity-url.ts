import type { Call } from '../http/route.ts';

/** The identity URL of a user, on the host the client reached. */
export const identityUrl = (call: Call, userId: string): string =>
  `${call.baseUrl}/id/${call.emulator.org.organizationId}/${userId}`;
