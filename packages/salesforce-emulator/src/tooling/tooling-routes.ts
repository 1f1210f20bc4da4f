import { ApiError, apiErrors } from '../errors/api-error.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { findObject } from '../schema/catalog.ts';
import { describeObject, describeObjectBriefly } from '../schema/describe.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { parseSoql } from '../soql/parse-soql.ts';
import { runQuery } from '../soql/run-query.ts';
import {
  changeFieldRow,
  createFieldRow,
  deleteFieldRow,
  requireSetup,
  showFieldRow,
} from './custom-field-rows.ts';
import { toolingCatalog, toolingView } from './tooling-view.ts';

const maxRows = 2_000;

function objectOf(call: Call): ObjectType {
  const name = call.params.object ?? '';
  const object = findObject(toolingCatalog, name);
  if (object === undefined) throw apiErrors.notImplemented(`The Tooling object ${name}`);
  return object;
}

function listResources(call: Call): Answer {
  const base = `/services/data/v${call.version}/tooling`;
  return { status: 200, body: { query: `${base}/query`, sobjects: `${base}/sobjects` } };
}

function listObjects(call: Call): Answer {
  const sobjects = [...toolingCatalog.values()].map((object) => brief(object, call.version));
  return { status: 200, body: { encoding: 'UTF-8', maxBatchSize: 200, sobjects } };
}

/** Custom fields can be made, changed and deleted; the rest can only be asked for. */
function brief(object: ObjectType, version: string): JsonObject {
  const isWritable = object.name === 'CustomField';
  return {
    ...underTooling(describeObjectBriefly(object, version)),
    createable: isWritable,
    updateable: isWritable,
    deletable: isWritable,
  };
}

const showObject = (call: Call): Answer => ({
  status: 200,
  body: { objectDescribe: brief(objectOf(call), call.version), recentItems: [] },
});

function showDescribe(call: Call): Answer {
  const object = objectOf(call);
  const described = underTooling(describeObject(toolingCatalog, object, call.version));
  return { status: 200, body: { ...described, ...brief(object, call.version) } };
}

const createRow = (call: Call): Answer => {
  if (objectOf(call).name !== 'CustomField')
    throw apiErrors.notImplemented(`Creating ${objectOf(call).name}`);
  return createFieldRow(call);
};

const pathKeys: ReadonlySet<string> = new Set(['url', 'sobject', 'describe', 'rowTemplate']);

/** Paths of Tooling records and objects lie under `tooling`. */
function underTooling(value: JsonObject): JsonObject {
  const parsed: JsonValue = JSON.parse(JSON.stringify(value), (key, inner: JsonValue) =>
    pathKeys.has(key) && typeof inner === 'string'
      ? inner.replace(/^(\/services\/data\/v[\d.]+)\/sobjects\//, '$1/tooling/sobjects/')
      : inner,
  );
  return isJsonObject(parsed) ? parsed : {};
}

function query(call: Call): Answer {
  requireSetup(call, 'ViewSetup');
  const soql = call.query.get('q') ?? '';
  if (soql === '') throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified');
  const name = parseSoql(soql).sObject ?? '';
  const object = findObject(toolingCatalog, name);
  if (object === undefined) throw apiErrors.notImplemented(`The Tooling object ${name}`);
  const { org } = call.emulator;
  const context = {
    org: toolingView(org, org.catalog),
    catalog: toolingCatalog,
    cursors: new Map(),
    userId: call.session?.userId ?? '',
    version: call.version,
    batchSize: maxRows,
  };
  const result = runQuery(context, soql, false);
  const records = Array.isArray(result.records) ? result.records.filter(isJsonObject) : [];
  const size = Number(result.totalSize);
  if (size > maxRows) throw apiErrors.notImplemented(`A Tooling query of more than ${maxRows} rows`);
  const [first] = records;
  if (first !== undefined && size > 1 && ('Metadata' in first || 'FullName' in first))
    throw new ApiError(
      400,
      'MALFORMED_QUERY',
      `When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than one row for retrieval. Result size: ${size}`,
    );
  const body = {
    size: records.length,
    totalSize: size,
    done: true,
    queryLocator: null,
    entityTypeName: object.name,
    records: records.map(unpack),
  };
  return { status: 200, body: underTooling(body), records: records.length };
}

const unpack = (record: JsonObject): JsonObject =>
  typeof record.Metadata === 'string' ? { ...record, Metadata: JSON.parse(record.Metadata) } : record;

const base = '/services/data/:version/tooling';
/** The part of the Tooling API that makes custom fields and asks what objects and fields there are. */
export const toolingRoutes: readonly Route[] = [
  { path: base, access: 'session', methods: { GET: listResources } },
  { path: `${base}/query`, access: 'session', methods: { GET: query }, parameters: { GET: ['q'] } },
  { path: `${base}/sobjects`, access: 'session', methods: { GET: listObjects } },
  { path: `${base}/sobjects/:object`, access: 'session', methods: { GET: showObject, POST: createRow } },
  { path: `${base}/sobjects/:object/describe`, access: 'session', methods: { GET: showDescribe } },
  {
    path: `${base}/sobjects/CustomField/:id`,
    access: 'session',
    methods: { GET: showFieldRow, PATCH: changeFieldRow, DELETE: deleteFieldRow },
  },
];
