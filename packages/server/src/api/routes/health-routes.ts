import { HeadraceError, healthWire } from '@headrace/core';
import { defineRoute } from '../route.ts';

const tag = 'Health';

export const healthRoutes = [
  defineRoute({
    method: 'GET',
    path: '/health/live',
    operationId: 'isLive',
    summary: 'The process answers',
    tag,
    response: healthWire,
    access: 'public',
    audit: null,
    handle: async () => ({ body: { status: 'ok' as const } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/health/ready',
    operationId: 'isReady',
    summary: 'The database answers too',
    tag,
    response: healthWire,
    access: 'public',
    audit: null,
    handle: async ({ pool }) => {
      try {
        await pool.query('select 1');
      } catch (cause) {
        throw new HeadraceError('overloaded', 'The database does not answer.', {
          retryAfterMs: 1_000,
          cause,
        });
      }
      return { body: { status: 'ok' as const } };
    },
  }),
];
