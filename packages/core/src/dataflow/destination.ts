import type { ErrorCode } from '../errors/codes.ts';
import type { BrowserSignIn } from './browser-sign-in.ts';
import type { DestinationConnection } from './destination-connection.ts';
import type { DestinationPorts } from './destination-ports.ts';

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

/** Connection-level codes that stop a dataflow until they are mended. */
export const stoppingCodes: readonly ErrorCode[] = [
  'destination_authentication_rejected',
  'destination_misconfigured',
  'destination_request_rejected',
];
