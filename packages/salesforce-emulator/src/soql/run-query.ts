import type { QueryBase } from '@jetstreamapp/soql-parser-js';
import { ApiError } from '../errors/api-error.ts';
import type { JsonObject } from '../json.ts';
import { now } from '../org/org-state.ts';
import type { Catalog } from '../schema/catalog.ts';
import { QueryTimeout } from '../store/database.ts';
import { answerAggregate, answerCount } from './answer-aggregate.ts';
import { answerFirstPage, answerLaterPage, type PageContext } from './answer-page.ts';
import { compileQuery } from './compile-query.ts';
import type { CompiledQuery } from './compiled-query.ts';
import { describeColumns } from './describe-columns.ts';
import { parseSoql } from './parse-soql.ts';
import { queryErrors } from './query-error.ts';

/** What a query runs in. */
export interface QueryContext extends PageContext {
  /** The objects and fields the user may see. */
  readonly catalog: Catalog;
}

export const defaultBatchSize = 2_000;

/** One process answers every call, so that a query that takes long keeps all others waiting. */
const maxQueryMs = 20_000;

/** Runs SOQL and answers its first page. Throws Salesforce's errors, QUERY_TIMEOUT after 20 seconds. */
export const runQuery = (context: QueryContext, soql: string, includeDeleted: boolean): JsonObject =>
  withTimeLimit(context, () => {
    const query = compileSoql(context, soql, includeDeleted);
    const { database } = context.org;
    if (query.select.kind === 'count') return answerCount(database, query);
    if (query.select.kind === 'aggregate') return answerAggregate(database, query, query.select);
    return answerFirstPage(context, query);
  });

/** Answers what the columns of a query's result are, without running it. */
export const describeQuery = (context: QueryContext, soql: string): JsonObject =>
  describeColumns(compileSoql(context, soql, false));

/** Answers a later page, named as in nextRecordsUrl: `<locator>-<offset>`. */
export function continueQuery(context: PageContext, name: string): JsonObject {
  const [, locator = '', offset] = /^(\w{15,18})-(\d{1,9})$/.exec(name) ?? [];
  const cursor = context.cursors.get(locator);
  if (cursor?.userId !== context.userId || Number(offset) >= cursor.recordNumbers.length)
    throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return withTimeLimit(context, () => answerLaterPage(context, locator, cursor, Number(offset)));
}

/** SQLite's own bounds: sort terms, columns, joined tables, depth of an expression. */
const isTooMuch = (error: unknown): boolean =>
  error instanceof Error &&
  /^(?:too many |at most \d+ tables|Expression tree is too large|parser stack)/.test(error.message);

function compileSoql(context: QueryContext, soql: string, includeDeleted: boolean): CompiledQuery {
  const { catalog, userId, org, version } = context;
  const query = parseSoql(soql);
  if (Number(version) < firstWithFieldGroups && selectsFieldGroup(query))
    throw queryErrors.malformedAt(soql, '(', "unexpected token: '('");
  return compileQuery({ catalog, soql, includeDeleted, userId, now: now(org) }, query);
}

/** The first version that knows `FIELDS()`. */
const firstWithFieldGroups = 51;

const selectsFieldGroup = ({ fields = [] }: QueryBase): boolean =>
  fields.some((field) =>
    field.type === 'FieldSubquery'
      ? selectsFieldGroup(field.subquery)
      : field.type === 'FieldFunctionExpression' && field.functionName.toUpperCase() === 'FIELDS',
  );

function withTimeLimit<T>({ org }: PageContext, work: () => T): T {
  try {
    return org.database.withTimeLimit(maxQueryMs, work);
  } catch (error) {
    if (error instanceof QueryTimeout) throw queryErrors.timeout();
    throw isTooMuch(error) ? queryErrors.tooComplicated() : error;
  }
}
