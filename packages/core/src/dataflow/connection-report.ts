export type ConnectionReport = {
  /** One id per org or tenant: an account may not change to another one. */
  readonly organizationId: string;
  readonly organizationName: string;
  readonly instanceUrl: string;
  readonly apiVersion: string;
  readonly username: string;
  readonly callsUsed: number;
  readonly callsAllowed: number;
  /** What a person should know or mend, most important first. */
  readonly warnings: readonly string[];
  /** All that was looked at, by topic. Reports of earlier versions have none. */
  readonly findings?: readonly ConnectionFinding[];
};

/** One thing that a connection test looked at. */
export type ConnectionFinding = {
  readonly topic: ConnectionTopic;
  /** What it is about: a scope, an object, a field, a limit. */
  readonly subject: string;
  readonly severity: FindingSeverity;
  readonly message: string;
  /** What to do about it; null where nothing is to be done. */
  readonly remedy: string | null;
};
/** `problem` keeps deliveries from working, `warning` may, `note` is worth knowing, `ok` is as it should be. */
export const findingSeverities = ['problem', 'warning', 'note', 'ok'] as const;
export type FindingSeverity = (typeof findingSeverities)[number];
export const connectionTopics = [
  'sign_in',
  'api',
  'scopes',
  'permissions',
  'fields',
  'duplicate_rules',
  'limits',
] as const;
export type ConnectionTopic = (typeof connectionTopics)[number];
