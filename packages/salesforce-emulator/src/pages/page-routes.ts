import type { Route } from '../http/route.ts';
import { showCall } from './call-page.ts';
import { showCalls } from './calls-page.ts';
import { showList } from './list-page.ts';
import { showRecord } from './record-page.ts';

/** Pages for people: lists, one record, the calls. Nothing on them changes the org. */
export const pageRoutes: readonly Route[] = [
  { path: '/', access: 'local', methods: { GET: showList } },
  { path: '/journal', access: 'local', methods: { GET: showCalls } },
  { path: '/journal/:sequence', access: 'local', methods: { GET: showCall } },
  { path: '/list/:object', access: 'local', methods: { GET: showList } },
  { path: '/record/:id', access: 'local', methods: { GET: showRecord } },
];
