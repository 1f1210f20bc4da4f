import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type BrowserSignIn, type CallPurpose, HeadraceError, invalidInput } from '@headrace/core';
import type { AccountRow } from '../store/accounts.ts';
import { insertBrowserSignIn, takeBrowserSignIn } from '../store/browser-sign-ins.ts';
import { heldSecrets } from './account-secrets.ts';
import { type AccountsOptions, getAccount, readCredentials, requireFreeName } from './accounts.ts';
import { getDestination } from './destinations.ts';
import type { InputValues } from './input-fields.ts';
import { countingBudget, keepCredentials, keepNewAccount } from './keep-account.ts';

/** How long a person may take on the destination's pages. */
const lifeMs = 10 * 60_000;

/** What a sign-in in a browser is for: a new account, or new secrets of one that is there. */
export type SignInPurpose =
  | { readonly destinationType: string; readonly name: string; readonly authentication: string }
  | { readonly accountId: string; readonly authentication?: string | undefined };

/** All that is known of one under way; sealed until the browser comes back. */
type Pending = {
  readonly accountId: string;
  readonly destinationType: string;
  /** Null for an account that is there. */
  readonly name: string | null;
  readonly authentication: string;
  readonly values: InputValues;
  readonly kept: InputValues;
  readonly redirectUrl: string;
  readonly principalId: string;
};

/**
 * Begins a sign-in that goes on in a browser.
 * @returns where to send the browser, and the id that the account has or will have.
 * @throws HeadraceError `invalid_input`, `not_found`, `conflict` as `createAccount`; `destination_misconfigured`.
 */
export async function beginBrowserSignIn(
  options: AccountsOptions,
  purpose: SignInPurpose,
  given: InputValues,
  way: { readonly redirectUrl: string; readonly principalId: string },
): Promise<{ readonly accountId: string; readonly url: string; readonly expiresAt: Date }> {
  const { pool, sealer, now } = options;
  const target = await readTarget(options, purpose);
  const { destinationType, authentication } = target;
  const { values } = readCredentials(options, destinationType, authentication, given, 'in browser');
  if (target.name !== null) await requireFreeName(options, target.name);
  const state = randomBytes(32).toString('base64url');
  const { redirectUrl } = way;
  const { url, kept } = adapterOf(options, destinationType).begin(
    { authentication, values },
    { redirectUrl, state },
  );
  const pending: Pending = { ...target, ...way, values, kept };
  const stateHash = sha256(state);
  const at = now();
  const expiresAt = new Date(at.getTime() + lifeMs);
  const sealed = sealer.seal(stateHash.toString('hex'), JSON.stringify(pending));
  await insertBrowserSignIn(pool, { stateHash, sealed, expiresAt }, at);
  return { accountId: target.accountId, url, expiresAt };
}

/**
 * Takes what a browser brought back, and keeps the account, or its new secrets, as when all is filled in.
 * @param parameters of the address it was sent to.
 * @throws HeadraceError `invalid_input` for a sign-in that is not known, was used or is too old; `destination_*`,
 *   `conflict`, `not_found` as `createAccount` and `replaceCredentials`.
 */
export async function finishBrowserSignIn(
  options: AccountsOptions,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly account: AccountRow; readonly isNew: boolean; readonly principalId: string }> {
  const { pool, connections, budgetFor } = options;
  const pending = await takePending(options, parameters.state ?? '');
  const { accountId, destinationType, name, authentication, values, kept, redirectUrl, principalId } =
    pending;
  const calls = new Map<CallPurpose, number>();
  const budget = name === null ? budgetFor(accountId) : countingBudget(calls);
  const given = await adapterOf(options, destinationType).finish(
    { authentication, values },
    { parameters, redirectUrl, kept },
    connections.portsFor(accountId, { budget, secrets: heldSecrets({}, values) }),
    signal,
  );
  const read = readCredentials(options, destinationType, authentication, values, 'in browser');
  const credentials = { ...read, given };
  if (name === null) await keepCredentials(options, await getAccount(pool, accountId), credentials, signal);
  else await keepNewAccount(options, { accountId, destinationType, name }, credentials, calls, signal);
  return { account: await getAccount(pool, accountId), isNew: name !== null, principalId };
}

async function readTarget(
  { pool }: AccountsOptions,
  purpose: SignInPurpose,
): Promise<Pick<Pending, 'accountId' | 'destinationType' | 'name' | 'authentication'>> {
  if (!('accountId' in purpose)) return { ...purpose, name: purpose.name.trim(), accountId: randomUUID() };
  const { accountId, destinationType, authentication } = await getAccount(pool, purpose.accountId);
  return {
    accountId,
    destinationType,
    name: null,
    authentication: purpose.authentication ?? authentication,
  };
}

async function takePending({ pool, sealer, now }: AccountsOptions, state: string): Promise<Pending> {
  const stateHash = sha256(state);
  const sealed = await takeBrowserSignIn(pool, stateHash, now());
  if (sealed === undefined)
    throw invalidInput(
      'This sign-in is not known here: it was used already, took longer than 10 minutes, or was never begun. Begin again.',
    );
  // Nobody else can have written it: it is sealed.
  return JSON.parse(sealer.open(stateHash.toString('hex'), sealed)) as Pending;
}

function adapterOf({ destinations }: AccountsOptions, destinationType: string): BrowserSignIn {
  const { browserSignIn, title } = getDestination(destinations, destinationType);
  if (browserSignIn !== undefined) return browserSignIn;
  throw new HeadraceError('internal', `${title} declares a sign-in in a browser and has none.`);
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
