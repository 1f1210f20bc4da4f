import { errorCodes } from '@headrace/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { finishBrowserSignIn } from '../catalog/browser-sign-ins.ts';
import type { AccountRow } from '../store/accounts.ts';
import { insertAuditEvent } from '../store/audit.ts';
import type { ApiServices } from './api-services.ts';
import { recognize } from './error-reply.ts';
import { escapeHtml, htmlPage, pageHeaders } from './html-page.ts';
import { callbackPath } from './redirect-url.ts';

/** Also for a person who has closed the page: what was begun comes to its end. */
const timeoutMs = 60_000;

/**
 * Where destinations send browsers back to. Open to everyone: what comes counts only by the state that was given to
 * who began, and once.
 */
export function registerOauthCallback(app: FastifyInstance, services: ApiServices): void {
  app.get(callbackPath, { schema: { hide: true } }, async (request, reply) => {
    try {
      const { accounts, pool, people, now } = services;
      const signal = AbortSignal.timeout(timeoutMs);
      const finished = await finishBrowserSignIn(accounts, readParameters(request), signal);
      const { account, isNew, principalId } = finished;
      await insertAuditEvent(pool, {
        at: now(),
        principal: principalId,
        action: isNew ? 'account.create' : 'account.replace_credentials',
        subjectType: 'account',
        subjectId: account.accountId,
        facts: { name: account.name, destination_type: account.destinationType },
      });
      if (!isNew) people.resumeDelivery();
      return reply.headers(pageHeaders).send(connectedPage(account));
    } catch (error) {
      return replyWithErrorPage(error, request, reply);
    }
  });
}

/** Those that are given once. */
function readParameters({ query }: FastifyRequest): Readonly<Record<string, string>> {
  const given = Object.entries(typeof query === 'object' && query !== null ? query : {});
  return Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function connectedPage({ name, report }: AccountRow): string {
  const as = report === null ? '' : ` to ${report.organizationName} as ${report.username}`;
  return htmlPage(
    'Connected',
    `<h1>Connected</h1>
<p>The account <strong>${escapeHtml(name)}</strong> is connected${escapeHtml(as)}. You can close this page.</p>`,
  );
}

function replyWithErrorPage(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { known, errorId } = recognize(error, request);
  const id = errorId === undefined ? '' : `<p>Look for error_id <code>${errorId}</code> in the log.</p>`;
  return reply
    .code(known.status)
    .headers(pageHeaders)
    .send(
      htmlPage(
        'Not connected',
        `<h1>Not connected</h1>
<p>${escapeHtml(known.message)}</p>
<p>${escapeHtml(errorCodes[known.code].remedy)}</p>${id}`,
      ),
    );
}
