import { type AuthenticationDeclaration, type ConnectionFinding, HeadraceError } from '@headrace/core';

/** Values of an account by field name. */
export type AccountValues = Readonly<Record<string, string>>;

/** Parameters of a request to the token endpoint. */
export type TokenForm = Readonly<Record<string, string>>;

/** One way to sign in: what a person fills in, and what the token endpoint is asked with. */
export type SignInWay = {
  readonly declaration: AuthenticationDeclaration;
  /**
   * Looks at what the fields alone do not show.
   * @throws HeadraceError `destination_misconfigured`.
   */
  readonly check: (values: AccountValues, loginOrigin: string) => void;
  /** Made afresh for each sign-in. */
  readonly form: (values: AccountValues, loginOrigin: string, now: Date) => TokenForm;
  /** What to do about refusals that mean something of its own here, by `error description` and by `error`. */
  readonly remedies: ReadonlyMap<string, string>;
  /** What a person should know who signs in so. */
  readonly findings: readonly ConnectionFinding[];
  /** The token endpoint may answer with another refresh token, and the one used is then spent. */
  readonly hasRefreshToken: boolean;
};

/** A value without spaces around it; empty where there is none. */
export const textOf = (values: AccountValues, name: string): string => (values[name] ?? '').trim();

/** `client_secret` as a parameter, where the account has one: public clients have none. */
export const secretParameter = (values: AccountValues): TokenForm => {
  const secret = textOf(values, 'client_secret');
  return secret === '' ? {} : { client_secret: secret };
};

export const misconfigured = (message: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', message);
