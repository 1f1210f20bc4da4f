import type { Route } from '../http/route.ts';
import { showCalls } from './calls-page.ts';
import { showList } from './list-page.ts';
import { showRecord } from './record-page.ts';

/** Pages for people: lists, one record, the calls. Nothing on them changes the org. */
export const pageRoutes: readonly Route[] = [
  { path: '/', access: 'open', methods: { GET: showList } },
  { path: '/journal', access: 'open', methods: { GET: showCalls } },
  { path: '/list/:object', access: 'open', methods: { GET: showList } },
  { path: '/record/:id', access: 'open', methods: { GET: showRecord } },
];
