import type { ErrorCode } from '../errors/codes.ts';
import type { ValueKind } from '../mapping/value-kind.ts';
import type { BulkWriting } from './bulk.ts';
import type {
  DeliveryBatch,
  DeliveryOutcome,
  PreparedMemberships,
  PreparedRecord,
  PrepareInput,
  ReadBatch,
  ReadRecord,
  RemovalBatch,
  RemovalOutcome,
  SegmentStanding,
} from './delivery.ts';

/**
 * The seam between the delivery engine and a destination.
 *
 * A destination is a declaration plus a small adapter. The engine claims, batches, budgets, retries, accounts
 * and settles, and knows no Salesforce; the adapter turns values into calls and answers into outcomes, and
 * knows no SQL. `main.ts` hands the adapters to the engine.
 */
export interface Destination {
  /** Stable name used in the API and in the database, for example `salesforce-crm`. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly category: 'CRM' | 'Streaming';
  readonly connectionType: 'Profile-based';
  readonly frequency: 'Streaming';
  /** Fields of an account for each way to sign in. */
  readonly authentications: readonly AuthenticationDeclaration[];
  /** Fields of a dataflow beyond its name and description. */
  readonly detailFields: readonly InputField[];
  /** Most records of one `deliver`. */
  readonly maxBatchRecords: number;
  /** Whether a dataflow with these details tells the destination of each segment a profile enters or leaves. */
  tellsMemberships(details: DataflowDetails): boolean;
  /**
   * Opens nothing by itself: the first call signs in.
   * @throws HeadraceError `destination_misconfigured` when the account's values cannot be used.
   */
  connect(account: DestinationAccount, ports: DestinationPorts): DestinationConnection;
  /** Begins and ends the sign-ins whose declaration says `inBrowser`. */
  readonly browserSignIn?: BrowserSignIn;
}

/** Values of the declared detail fields of a dataflow. */
export type DataflowDetails = Readonly<Record<string, string>>;

export type AuthenticationDeclaration = {
  /** For example `oauth2-password`. */
  readonly type: string;
  readonly title: string;
  readonly fields: readonly InputField[];
  /** A person signs in at the destination, in a browser, before there is an account. */
  readonly inBrowser?: true;
};

/** Signing in at the destination itself: OAuth 2 with an authorization code (RFC 6749, 4.1; RFC 7636). */
export interface BrowserSignIn {
  /**
   * @returns where to send the browser, and what is kept secret until it comes back.
   * @throws HeadraceError `destination_misconfigured` when the values cannot be used.
   */
  begin(
    account: BrowserSignInAccount,
    request: { readonly redirectUrl: string; readonly state: string },
  ): { readonly url: string; readonly kept: Readonly<Record<string, string>> };
  /**
   * Turns what the browser brought back into secrets of the account, which `connect` gets beside its values.
   * @throws HeadraceError with a `destination_*` code when access was not granted.
   */
  finish(
    account: BrowserSignInAccount,
    returned: {
      /** Of the address that the browser was sent back to. */
      readonly parameters: Readonly<Record<string, string>>;
      /** As in `begin`. */
      readonly redirectUrl: string;
      readonly kept: Readonly<Record<string, string>>;
    },
    ports: DestinationPorts,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>>;
}
export type BrowserSignInAccount = Pick<DestinationAccount, 'authentication' | 'values'>;

/** A field that a person fills in. Secrets are sealed at rest and never read back. */
export type InputField = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly default?: string;
};

export type DestinationAccount = {
  readonly accountId: string;
  readonly authentication: string;
  /** The org or tenant first connected to; null before that. A sign-in that leads elsewhere is refused. */
  readonly organizationId: string | null;
  /** Values of the declared fields and what the destination gave to keep, secrets unsealed. Never logged. */
  readonly values: Readonly<Record<string, string>>;
};

/** What the program lends to an adapter. */
export type DestinationPorts = {
  readonly budget: CallBudget;
  readonly secrets: SecretStore;
  readonly calls: CallRecorder;
  readonly now: () => Date;
  readonly log: DestinationLog;
};

/** Secrets that the destination renews while an account is in use, such as refresh tokens that work once. */
export interface SecretStore {
  /**
   * Runs `work` while nobody else, on no other server either, renews secrets of the account, and stores durably what
   * it changes before it resolves.
   * @param work gets all values of the account as they are stored now.
   * @throws what `work` throws, with nothing stored; HeadraceError `not_found` when the account is gone.
   */
  renew<Result>(
    work: (values: Readonly<Record<string, string>>) => Promise<{
      readonly changed: Readonly<Record<string, string>>;
      readonly result: Result;
    }>,
  ): Promise<Result>;
}

/** Where an adapter tells of every request it made, once it was answered or given up. */
export interface CallRecorder {
  /** Returns at once and never throws. */
  record(call: DestinationCall): void;
}

/** One request as the log of calls keeps it: it tells no secret and no value of a person. */
export type DestinationCall = {
  readonly purpose: CallPurpose;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly method: string;
  /** With names of things and ids of records; what could be a value, such as a key, is `?`. */
  readonly path: string;
  /** Of the answer; null when none came. */
  readonly status: number | null;
  /** False only when it is certain that nothing of the request left. */
  readonly wasSent: boolean;
  /** The destination's own error code, or why no answer came; null where there is none. */
  readonly code: string | null;
  /** Of the body as it was sent, packed where it was. */
  readonly requestBytes: number;
  /** Of the body of the answer, unpacked. */
  readonly responseBytes: number;
  /** Records written, read or deleted by it, where that can be told. */
  readonly records: number | null;
  /** What the answer said of the destination's own limit of calls. */
  readonly usage: { readonly used: number; readonly allowed: number } | null;
};

/** Structured log without secrets or personal data. */
export type DestinationLog = {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
};

/**
 * Counts every call to the destination before it is made: deliveries, sign-ins, polls and describes alike.
 */
export interface CallBudget {
  /**
   * Durably reserves one call.
   * @throws HeadraceError `destination_rate_limited` when the allowance is used up; the call must not be made.
   */
  reserve(purpose: CallPurpose): Promise<void>;
  /** What the destination itself says of its limit, for example from `Sforce-Limit-Info`. */
  observe(usage: { readonly used: number; readonly allowed: number }): void;
}
export type CallPurpose = 'sign_in' | 'describe' | 'deliver' | 'read' | 'delete' | 'test';

/** A signed-in (or signing-in) conversation with one account. Safe for concurrent use. */
export interface DestinationConnection {
  /** That of its destination. */
  readonly maxBatchRecords: number;
  /**
   * How long, in milliseconds, a call may go on at the destination after its connection was lost. A write of
   * unknown outcome is left alone that long, then read before anything is written again (promise 3).
   */
  readonly lostCallMs: number;
  /**
   * Whether `read` tells what the destination holds. Where it does not, writes of unknown outcome are simply written
   * again: the destination keeps the newest version of each record, whatever order they come in.
   */
  readonly canRead: boolean;
  /** Signs in afresh and reports what will matter. @throws HeadraceError with a `destination_*` code. */
  test(signal: AbortSignal): Promise<ConnectionReport>;
  /** The fields a mapping may target under these details, with what the destination says of them; cached by the adapter. */
  targetFields(details: DataflowDetails, signal: AbortSignal): Promise<readonly TargetField[]>;
  /**
   * Turns mapped values into a record, or says why this profile cannot be sent. Pure; call after `targetFields` has
   * answered once for the details.
   */
  prepare(input: PrepareInput): PreparedRecord;
  /** What a record is to say of its segments. Pure; nothing where the dataflow tells no memberships. */
  prepareMemberships(segments: readonly SegmentStanding[], details: DataflowDetails): PreparedMemberships;
  /**
   * Checks that segments can be told under these details: that the fields named for them are there and can take it.
   * @param segments all that are to be activated together.
   * @throws HeadraceError `destination_misconfigured` that says what to do, or another `destination_*` code.
   */
  checkMemberships(
    segments: readonly Pick<SegmentStanding, 'name' | 'mappingId'>[],
    details: DataflowDetails,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Finds or makes the list at the destination that the members of a segment are kept in, where such are used.
   * Repeating it is harmless once an earlier call can no longer be running (`lostCallMs`).
   * @returns its id; null where the dataflow keeps no lists.
   * @throws HeadraceError with a `destination_*` code.
   */
  ensureList(
    segment: Pick<SegmentStanding, 'segmentId' | 'name' | 'mappingId'>,
    details: DataflowDetails,
    signal: AbortSignal,
  ): Promise<string | null>;
  /**
   * Writes a batch of at most `maxBatchRecords` items that share one `group`, in as few calls as the destination
   * allows. No record and no key is named twice.
   * @returns one outcome per item, in order.
   * @throws HeadraceError for the whole batch: `destination_outcome_unknown` when the write may have been
   *   applied; any other `destination_*` code only when it was certainly not.
   */
  deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<readonly DeliveryOutcome[]>;
  /**
   * Reads what the destination holds for each item, by record id where known, else by match key.
   * @returns one entry per item, in order, in as few calls as the destination allows. Where it cannot be read
   *   (`canRead` false) no call is made: every record may be there, and everything of it is to be written.
   */
  read(batch: ReadBatch, signal: AbortSignal): Promise<readonly ReadRecord[]>;
  /**
   * Deletes records, at most `maxBatchRecords`, as a deletion of a person asks for. Repeating it is harmless.
   * @returns one outcome per record, in order.
   * @throws HeadraceError as `deliver` does; after `destination_outcome_unknown` call it again to know.
   */
  remove(batch: RemovalBatch, signal: AbortSignal): Promise<readonly RemovalOutcome[]>;
  /** Where the destination takes large backlogs as jobs. */
  readonly bulk?: BulkWriting;
  close(): Promise<void>;
}

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

export type TargetField = {
  /** Name used in a mapping: a seed name such as `email`, or the destination's own field name. */
  readonly name: string;
  readonly title: string;
  /** The destination's own name of the field, for example `MailingCity`. */
  readonly field: string;
  readonly type: string;
  readonly maxLength: number | null;
  /** A profile without a value for it is excluded. */
  readonly required: boolean;
  /** Records are matched by this field. */
  readonly matchKey: boolean;
  /** Other names a mapping may call it by. */
  readonly aliases?: readonly string[];
  /** What it holds; text where nothing is said. */
  readonly kind?: ValueKind;
  /** What may be chosen; at most `maxShownChoices`. */
  readonly choices?: readonly TargetChoice[];
  /** Nothing but `choices`, all of which are there, may be written. */
  readonly restricted?: boolean;
  /** No two records may hold one value. */
  readonly unique?: boolean;
  /** Made to hold keys of other systems. */
  readonly externalId?: boolean;
  /** Records can be found by it when they are written. */
  readonly idLookup?: boolean;
  /** Whether it can be written in a record that is there; true where nothing is said. */
  readonly updateable?: boolean;
  /** Whether it can hold nothing; true where nothing is said. */
  readonly clearable?: boolean;
  /**
   * It is a field of the record that the profile's one belongs to. There `required` holds where any field of that
   * record is mapped.
   */
  readonly parent?: {
    readonly object: string;
    /** The field of the profile's own record that takes the parent's id; not mapped beside the parent's fields. */
    readonly linkField: string;
  };
};
export type TargetChoice = { readonly value: string; readonly label: string };
/** A list of values is chosen from by machines as far as this; people search. */
export const maxShownChoices = 1_000;

/** Connection-level codes that stop a dataflow until they are mended. */
export const stoppingCodes: readonly ErrorCode[] = [
  'destination_authentication_rejected',
  'destination_misconfigured',
  'destination_request_rejected',
];
