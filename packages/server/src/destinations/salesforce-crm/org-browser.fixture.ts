import type { OrgDefinitionInput } from '@headrace/salesforce-emulator';

/** Who can sign in to the orgs of these tests. */
export const admin = { username: 'admin@acme.example', password: 'Admin-Pass-1' };
export const robot = { username: 'robot@acme.example', password: 'Robot-Pass-1' };

/** A person at the org's pages: logs in, allows or denies, and is sent back. @returns where to. */
export async function signInAtOrg(
  url: string,
  person: { readonly username: string; readonly password: string },
  decision: 'allow' | 'deny' = 'allow',
): Promise<URL> {
  const page = await fetch(url, { redirect: 'manual' });
  const sentBack = page.headers.get('location');
  if (sentBack !== null) return new URL(sentBack);
  const id = /name="authorization" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  const submit = (fields: Record<string, string>): Promise<Response> =>
    fetch(new URL('/services/oauth2/authorize', url), {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ authorization: id, ...fields }),
      redirect: 'manual',
    });
  const loggedIn = await submit({ username: person.username, password: person.password });
  const answer = loggedIn.status === 302 ? loggedIn : await submit({ decision });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`Not sent back: ${answer.status} ${await answer.text()}`);
  return new URL(location);
}

/** Parameters of an address, as the callback gets them. */
export const parametersOf = (url: URL): Record<string, string> => Object.fromEntries(url.searchParams);

/** An org whose apps take the four ways to sign in. */
export const orgWithApps = (callbackUrl: string, certificate?: string): OrgDefinitionInput => ({
  name: 'Acme',
  users: [admin, robot],
  connectedApps: [
    {
      clientId: 'all-ways',
      clientSecret: 'all-ways-secret',
      ...(certificate !== undefined && { certificate }),
      callbackUrls: [callbackUrl],
      runAs: robot.username,
      scopes: ['api', 'refresh_token'],
      preAuthorizedUsers: [admin.username],
    },
    {
      clientId: 'rotating',
      clientSecret: 'rotating-secret',
      callbackUrls: [callbackUrl],
      scopes: ['api', 'refresh_token', 'web'],
      rotateRefreshTokens: true,
      requirePkce: true,
    },
    { clientId: 'public', callbackUrls: [callbackUrl], scopes: ['full', 'refresh_token'] },
    {
      clientId: 'no-api',
      clientSecret: 'no-api-secret',
      callbackUrls: [callbackUrl],
      runAs: robot.username,
      scopes: ['openid', 'web'],
    },
  ],
});
