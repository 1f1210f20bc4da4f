import type { Answer, Call, Route } from '../http/route.ts';
import { describeObject, describeObjectBriefly } from '../schema/describe.ts';
import { createRow, objectOf } from './rows.ts';

function listObjects(call: Call): Answer {
  const objects = [...call.catalog.values()];
  const sobjects = objects.map((object) => describeObjectBriefly(object, call.version));
  return { status: 200, body: { encoding: 'UTF-8', maxBatchSize: 200, sobjects } };
}

const showObject = (call: Call): Answer => ({
  status: 200,
  body: { objectDescribe: describeObjectBriefly(objectOf(call), call.version), recentItems: [] },
});

const showDescribe = (call: Call): Answer => ({
  status: 200,
  body: describeObject(call.catalog, objectOf(call), call.version),
});

const base = '/services/data/:version/sobjects';
export const describeRoutes: readonly Route[] = [
  { path: base, access: 'session', methods: { GET: listObjects } },
  { path: `${base}/:object`, access: 'session', methods: { GET: showObject, POST: createRow } },
  { path: `${base}/:object/describe`, access: 'session', methods: { GET: showDescribe } },
];
