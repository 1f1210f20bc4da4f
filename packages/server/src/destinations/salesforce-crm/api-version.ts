import { HeadraceError } from '@headrace/core';

/** The version Headrace is tested with. */
export const pinnedApiVersion = '67.0';
/** The first with `created` in the answers of upserts and with collections upsert. */
const oldestUsable = 46;

/**
 * The version to speak with an org: the pinned one, else the newest the org has from 46.0 on.
 * @param versions answer of `GET /services/data`: `[{"version": "67.0", …}, …]`
 * @returns undefined when the answer lists no versions at all
 * @throws HeadraceError `destination_misconfigured` when the org has none that can be used.
 */
export function chooseApiVersion(versions: unknown): string | undefined {
  if (!Array.isArray(versions)) return undefined;
  const listed = versions.flatMap((entry: unknown) => {
    const version =
      typeof entry === 'object' && entry !== null && 'version' in entry ? entry.version : undefined;
    return typeof version === 'string' && /^[1-9]\d{0,2}\.0$/.test(version) ? [version] : [];
  });
  if (listed.length === 0) return undefined;
  if (listed.includes(pinnedApiVersion)) return pinnedApiVersion;
  const newest = Math.max(...listed.map(Number));
  if (newest >= oldestUsable) return `${newest}.0`;
  throw new HeadraceError(
    'destination_misconfigured',
    `The newest API version of the org is ${newest}.0; Headrace needs ${oldestUsable}.0 or newer.`,
  );
}
