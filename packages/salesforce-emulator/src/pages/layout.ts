import type { Answer, Call } from '../http/route.ts';
import { escapeHtml, type NavigationLink, renderPage } from './html.ts';
import { appsOf, listPath } from './shown-objects.ts';

/** A page with the Apps and the calls in its navigation. `body` is HTML. */
export function pageAnswer(call: Call, title: string, current: string, body: string): Answer {
  const links: readonly NavigationLink[] = [
    ...appsOf(call.emulator.org.catalog).map(({ name, labelPlural }) => ({
      href: listPath(name),
      label: labelPlural,
    })),
    { href: '/journal', label: 'Calls' },
  ];
  return {
    status: 200,
    body: renderPage(title, links, current, body),
    contentType: 'text/html;charset=UTF-8',
    headers: {
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    },
  };
}

/** Where a page is: links from `Apps` down to the page above it. */
export function breadcrumb(steps: readonly NavigationLink[]): string {
  const items = steps.map(
    ({ href, label }) => `<li><a href="${escapeHtml(href)}">${escapeHtml(label)}</a></li>`,
  );
  return `<nav class="crumbs" aria-label="Breadcrumb"><ol><li>Apps</li>${items.join('')}</ol></nav>`;
}

/** Links to the pages before and after this one. */
export function pager(page: number, pages: number, pathOf: (page: number) => string): string {
  const step = (target: number, label: string): string =>
    target < 1 || target > pages ? '' : `<a href="${escapeHtml(pathOf(target))}">${label}</a>`;
  return `<div class="bar">${step(page - 1, 'Newer')}<span>Page ${page} of ${pages}</span>${step(page + 1, 'Older')}</div>`;
}

/** The page number a call asks for, from 1. */
export const wantedPage = (call: Call): number =>
  Math.max(Math.floor(Number(call.query.get('page') ?? 1)) || 1, 1);
