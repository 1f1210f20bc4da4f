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
