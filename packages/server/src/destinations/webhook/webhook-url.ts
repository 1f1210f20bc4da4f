import { HeadraceError } from '@headrace/core';
import { isLoopbackHost } from '../http/loopback-host.ts';

/**
 * Where to send, from what a person typed: an https address of any host. Whether the host lies in the open internet is
 * decided when a connection to it is opened.
 * @throws HeadraceError `destination_misconfigured`; the message does not repeat the address, which may hold a secret.
 */
export function readWebhookUrl(text: string, allowLoopback: boolean): URL {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) throw misconfigured('is no address. Expected https://host/path.');
  const url = new URL(trimmed);
  if (url.username !== '' || url.password !== '')
    throw misconfigured('holds a user name or password. Put credentials into Authorization header instead.');
  const isLoopback = isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback && allowLoopback))
    throw misconfigured('must begin with https://.');
  if (isLoopback && !allowLoopback)
    throw misconfigured(
      'leads to this server itself, which the operator has not allowed (HEADRACE_ALLOW_LOOPBACK_DESTINATIONS).',
    );
  // Never sent.
  url.hash = '';
  return url;
}

const misconfigured = (fault: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', `The URL of the webhook ${fault}`);
