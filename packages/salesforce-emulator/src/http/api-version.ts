/** REST API versions the emulator answers, as Salesforce labels them. */
export const oldestVersion = 46;
export const newestVersion = 67;

// Version 46.0 was Summer '19; three releases a year since.
const seasons = ['Summer', 'Winter', 'Spring'] as const;

/** The release name of a version, such as `Summer '26` for 67. */
export function versionLabel(version: number): string {
  const since = version - oldestVersion;
  const season = seasons[since % 3] ?? 'Summer';
  const year = 19 + Math.floor(since / 3) + (season === 'Summer' ? 0 : 1);
  return `${season} '${year}`;
}

/** Versions before this one are gone from Salesforce itself. */
const oldestLive = 31;

/** `retired` answers 410, `unknown` 404; `older` ones Salesforce has and the emulator has not. */
export function checkVersion(text: string): 'served' | 'older' | 'retired' | 'unknown' {
  const match = /^v(\d{1,3})\.0$/.exec(text);
  if (match === null) return 'unknown';
  const version = Number(match[1]);
  if (version > newestVersion || version === 0) return 'unknown';
  if (version < oldestLive) return 'retired';
  return version < oldestVersion ? 'older' : 'served';
}
