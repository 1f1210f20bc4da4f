import { findObject } from '../../schema/catalog.ts';
import { describeObject, describeObjectBriefly } from '../../schema/describe.ts';
import type { ObjectType } from '../../schema/object-type.ts';
import { apiErrors } from '../api-error.ts';
import type { Answer, Call, Route } from '../route.ts';
import { createRow } from './rows.ts';

/** The object named in the path, in any case. Throws NOT_FOUND. */
export function objectOf(call: Call): ObjectType {
  const object = findObject(call.emulator.org.catalog, call.params.object ?? '');
  if (object === undefined) throw apiErrors.notFound();
  return object;
}

function listObjects(call: Call): Answer {
  const objects = [...call.emulator.org.catalog.values()];
  const sobjects = objects.map((object) => describeObjectBriefly(object, call.version));
  return { status: 200, body: { encoding: 'UTF-8', maxBatchSize: 200, sobjects } };
}

const showObject = (call: Call): Answer => ({
  status: 200,
  body: { objectDescribe: describeObjectBriefly(objectOf(call), call.version), recentItems: [] },
});

const showDescribe = (call: Call): Answer => ({
  status: 200,
  body: describeObject(call.emulator.org.catalog, objectOf(call), call.version),
});

const base = '/services/data/:version/sobjects';
export const describeRoutes: readonly Route[] = [
  { path: base, access: 'session', methods: { GET: listObjects } },
  { path: `${base}/:object`, access: 'session', methods: { GET: showObject, POST: createRow } },
  { path: `${base}/:object/describe`, access: 'session', methods: { GET: showDescribe } },
];
