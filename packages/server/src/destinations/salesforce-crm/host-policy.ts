import { HeadraceError } from '@headrace/core';
import { isLoopbackHost } from '../http/loopback-host.ts';

/** Which hosts may be given credentials beside Salesforce's own. */
export type HostPolicy = {
  /** Exact hosts (`sf-proxy.example.com`, `host:8443`) or all below one (`*.example.com`). */
  readonly allowedHosts: readonly string[];
  /** Whether this machine itself may stand in for Salesforce, over plain http too. */
  readonly allowLoopback: boolean;
};

export const defaultCustomDomain = 'login.salesforce.com';

/**
 * Domains under which Salesforce serves orgs and logins; customers' own pages lie on others, such as force.com
 * and my.site.com.
 * Source: Salesforce Help, "My Domain URL Formats" (salesforce.com; salesforce.mil is Government Cloud Defense).
 */
const salesforceDomains = ['salesforce.com', 'salesforce.mil'];
/** Kinds of org that stand in the name of a My Domain, as in `acme--uat.sandbox.my.salesforce.com`. */
const partition = /\.(?:sandbox|develop|scratch|demo|patch|trailblaze|free)$/;
const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const myDomainName = new RegExp(`^${label}(?:\\.[a-z]+)?$`);
/** The same org's addresses for people's browsers, which serve no API. */
const browserSuffix = /\.(?:lightning\.force\.com|my\.salesforce-setup\.com)$/;

/**
 * Where to sign in, from what a person typed as Custom Domain: nothing (login.salesforce.com), `test`, the name of
 * a My Domain (`acme`, `acme--uat`), a host, or any address of the org copied from a browser.
 * @returns an origin such as `https://acme.my.salesforce.com`
 * @throws HeadraceError `destination_misconfigured` for what is no address or not allowed.
 */
export function resolveLoginOrigin(customDomain: string, policy: HostPolicy): string {
  const text = customDomain.trim().toLowerCase();
  if (text === '' || text === 'login') return `https://${defaultCustomDomain}`;
  if (text === 'test') return 'https://test.salesforce.com';
  const isName = myDomainName.test(text) && (!text.includes('.') || partition.test(text));
  if (isName && text !== 'localhost') {
    const isSandbox = text.includes('--') && !partition.test(text);
    return `https://${text}${isSandbox ? '.sandbox' : ''}.my.salesforce.com`;
  }
  const url = parseUrl(/^[a-z][a-z0-9+.-]*:\/\//.test(text) ? text : `https://${text}`);
  if (url === undefined || url.username !== '' || url.password !== '')
    throw misconfigured(
      'The Custom Domain is no address. Expected the name of your My Domain (acme), its host (acme.my.salesforce.com), its URL, or login.salesforce.com; without a user name or password in it.',
    );
  if (browserSuffix.test(url.hostname))
    url.hostname = url.hostname.replace(browserSuffix, '.my.salesforce.com');
  return permit(url, policy, 'Custom Domain');
}

/**
 * The origin of the `instance_url` in a token answer: it is told by the server, so it passes the same check.
 * @throws HeadraceError `destination_misconfigured` when it lies elsewhere.
 */
export function resolveInstanceOrigin(instanceUrl: string, policy: HostPolicy): string {
  const url = parseUrl(instanceUrl);
  if (url === undefined || url.username !== '' || url.password !== '')
    throw misconfigured(
      'Signing in named no usable address of the org (instance_url). Check the Custom Domain: it may not be Salesforce.',
    );
  return permit(url, policy, 'address of the org named when signing in (instance_url)');
}

function permit(url: URL, policy: HostPolicy, what: string): string {
  const { hostname, host, protocol } = url;
  const isLoopback = isLoopbackHost(hostname);
  if (isLoopback && policy.allowLoopback && (protocol === 'http:' || protocol === 'https:'))
    return url.origin;
  if (protocol !== 'https:')
    throw misconfigured(`The ${what} must be an https address; ${protocol}//${host} is not.`);
  const isSalesforce = url.port === '' && salesforceDomains.some((domain) => hostname.endsWith(`.${domain}`));
  if (isSalesforce || policy.allowedHosts.some((allowed) => matchesHost(allowed.toLowerCase(), url)))
    return url.origin;
  throw misconfigured(
    `The ${what} lies on ${host}, which is not Salesforce's. Credentials go to hosts below ${salesforceDomains.join(' and ')} only, unless the operator allows another in the configuration of the server.`,
  );
}

const matchesHost = (allowed: string, url: URL): boolean =>
  allowed.startsWith('*.')
    ? url.port === '' && url.hostname.endsWith(allowed.slice(1))
    : allowed === url.host || allowed === `${url.hostname}:443`;

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

const misconfigured = (message: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', message);
