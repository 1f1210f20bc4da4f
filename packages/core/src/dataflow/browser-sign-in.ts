import type { DestinationAccount } from './destination.ts';
import type { DestinationPorts } from './destination-ports.ts';

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
