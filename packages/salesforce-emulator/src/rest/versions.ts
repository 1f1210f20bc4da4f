import { apiErrors } from '../errors/api-error.ts';
import { newestVersion, oldestVersion, versionLabel } from '../http/api-version.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { identityUrl } from '../oauth/identity-url.ts';
import { findObject } from '../schema/catalog.ts';
import { countLive } from '../store/record-table.ts';
import { orgLimits } from './org-limits.ts';

function listVersions(): Answer {
  const versions = [];
  for (let version = oldestVersion; version <= newestVersion; version++)
    versions.push({
      label: versionLabel(version),
      url: `/services/data/v${version}.0`,
      version: `${version}.0`,
    });
  return { status: 200, body: versions };
}

const resources = ['composite', 'jobs', 'limits', 'query', 'queryAll', 'sobjects', 'tooling'];

function listResources(call: Call): Answer {
  const base = `/services/data/v${call.version}`;
  const body: Record<string, string> = {};
  for (const name of resources) body[name] = `${base}/${name}`;
  if (call.session !== undefined) body.identity = identityUrl(call, call.session.userId);
  return { status: 200, body };
}

const showLimits = ({ emulator }: Call): Answer => ({
  status: 200,
  body: orgLimits(emulator.org, emulator.calls),
});

function countRecords(call: Call): Answer {
  const { org } = call.emulator;
  const wanted = call.query.get('sObjects');
  const names = wanted === null ? [...call.catalog.values()].map((object) => object.name) : wanted.split(',');
  const sObjects = names.flatMap((name) => {
    const object = findObject(call.catalog, name.trim());
    if (object === undefined) return [];
    return [{ count: countLive(org.database, object), name: object.name }];
  });
  if (wanted !== null && sObjects.length === 0) throw apiErrors.notFound();
  return { status: 200, body: { sObjects } };
}

export const versionRoutes: readonly Route[] = [
  { path: '/services/data', access: 'open', methods: { GET: listVersions } },
  { path: '/services/data/:version', access: 'session', methods: { GET: listResources } },
  { path: '/services/data/:version/limits', access: 'session', methods: { GET: showLimits } },
  {
    path: '/services/data/:version/limits/recordCount',
    access: 'session',
    methods: { GET: countRecords },
    parameters: { GET: ['sObjects'] },
  },
];
