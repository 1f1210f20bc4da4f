import { newestVersion } from '../http/api-version.ts';
import { bearerToken } from '../http/bearer-token.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { normalizeId } from '../org/record-id.ts';
import { readUserRow } from '../org/users.ts';
import { formatInstant } from '../schema/value-json.ts';
import { integerOf, type Row } from '../store/database.ts';
import { refuseOtherFormats } from './answer-format.ts';
import { identityUrl } from './identity-url.ts';
import { withOAuthErrors } from './oauth-error.ts';
import { readParameters } from './parameters.ts';
import { mayReadIdentity } from './scopes.ts';

const plain = (status: number, body: string): Answer => ({
  status,
  body,
  contentType: 'text/html;charset=UTF-8',
});

/** The user behind the token in the header, or in a parameter; its scopes must let it ask who that is. */
function findUser(call: Call): { readonly id: string; readonly row: Row } | Answer {
  const parameters = readParameters(call);
  refuseOtherFormats(call, parameters);
  const token =
    bearerToken(call.headers.authorization) ??
    parameters.get('oauth_token') ??
    parameters.get('access_token') ??
    '';
  if (token === '') return plain(403, 'Missing_OAuth_Token');
  const { org, sessions } = call.emulator;
  const session = sessions.find(token);
  if (session === undefined || !mayReadIdentity(session.scopes)) return plain(403, 'Bad_OAuth_Token');
  const row = readUserRow(org, session.userId);
  return row === undefined ? plain(403, 'Bad_OAuth_Token') : { id: session.userId, row };
}

const services = {
  enterprise: '/services/Soap/c/{version}/',
  metadata: '/services/Soap/m/{version}/',
  partner: '/services/Soap/u/{version}/',
  rest: '/services/data/v{version}/',
  sobjects: '/services/data/v{version}/sobjects/',
  search: '/services/data/v{version}/search/',
  query: '/services/data/v{version}/query/',
  recent: '/services/data/v{version}/recent/',
  profile: '/',
};

/** Service addresses; they keep a literal `{version}` unless the call names one, or `latest`. */
function serviceUrls(call: Call, userId: string): Record<string, string> {
  const wanted = call.query.get('version');
  const version = wanted === 'latest' ? `${newestVersion}.0` : wanted;
  const urls = Object.entries(services).map(([name, path]) => {
    const target = name === 'profile' ? `/${userId}` : path;
    return [name, call.baseUrl + (version === null ? target : target.replace('{version}', version))] as const;
  });
  return Object.fromEntries(urls);
}

const text = (row: Row, column: string): string | null => {
  const value = row[column];
  return typeof value === 'string' ? value : null;
};

/** What the identity URL and userinfo tell of a user under the same names. */
const sharedFacts = (call: Call, id: string, row: Row) => ({
  organization_id: call.emulator.org.organizationId,
  email: text(row, 'Email'),
  email_verified: true,
  photos: {
    picture: `${call.baseUrl}/profilephoto/005/F`,
    thumbnail: `${call.baseUrl}/profilephoto/005/T`,
  },
  urls: serviceUrls(call, id),
  active: row.IsActive === 1,
  user_type: 'STANDARD',
  language: text(row, 'LanguageLocaleKey'),
  locale: text(row, 'LocaleSidKey'),
  utcOffset: 0,
});

/** The user the URL names; a token may read others of its org as well. */
function showIdentity(call: Call): Answer {
  const user = findUser(call);
  if ('status' in user) return user;
  const { org } = call.emulator;
  if (normalizeId(call.params.organization ?? '') !== org.organizationId) return plain(403, 'Wrong_Org');
  const id = normalizeId(call.params.user ?? '');
  const row = id === user.id ? user.row : readUserRow(org, id ?? '');
  if (id === undefined || row === undefined) return plain(404, 'Bad_Id');
  return {
    status: 200,
    body: {
      id: identityUrl(call, id),
      asserted_user: id === user.id,
      user_id: id,
      username: text(row, 'Username'),
      nick_name: text(row, 'CommunityNickname'),
      display_name: text(row, 'Name'),
      first_name: text(row, 'FirstName'),
      last_name: text(row, 'LastName'),
      timezone: text(row, 'TimeZoneSidKey'),
      ...sharedFacts(call, id, row),
      last_modified_date: formatInstant(integerOf(row.LastModifiedDate)),
      is_app_installed: true,
    },
  };
}

function showUserInfo(call: Call): Answer {
  const user = findUser(call);
  if ('status' in user) return user;
  const { id, row } = user;
  return {
    status: 200,
    body: {
      sub: identityUrl(call, id),
      user_id: id,
      preferred_username: text(row, 'Username'),
      nickname: text(row, 'CommunityNickname'),
      name: text(row, 'Name'),
      given_name: text(row, 'FirstName'),
      family_name: text(row, 'LastName'),
      zoneinfo: text(row, 'TimeZoneSidKey'),
      profile: `${call.baseUrl}/${id}`,
      picture: `${call.baseUrl}/profilephoto/005/F`,
      ...sharedFacts(call, id, row),
      updated_at: formatInstant(integerOf(row.LastModifiedDate)),
    },
  };
}

const userInfo = withOAuthErrors(showUserInfo);
const identity = withOAuthErrors(showIdentity);

/** Who the user of a token is; refusals are one word of plain text. */
export const identityRoutes: readonly Route[] = [
  { path: '/services/oauth2/userinfo', access: 'open', methods: { GET: userInfo, POST: userInfo } },
  { path: '/id/:organization/:user', access: 'open', methods: { GET: identity, POST: identity } },
];
