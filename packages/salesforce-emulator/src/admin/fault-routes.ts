import { readJson } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { noFaults } from './faults.ts';
import { faultsJson, readFaults } from './read-faults.ts';
import { accept } from './read-order.ts';

function showFaults(call: Call): Answer {
  return { status: 200, body: faultsJson(call.emulator.faults) };
}

function setFaults(call: Call): Answer {
  call.emulator.faults = accept(() => readFaults(readJson(call)));
  return showFaults(call);
}

function clearFaults(call: Call): Answer {
  call.emulator.faults = noFaults;
  return { status: 204 };
}

/** What is to go wrong. */
export const faultRoutes: readonly Route[] = [
  {
    path: '/emulator/faults',
    access: 'local',
    methods: { GET: showFaults, PUT: setFaults, DELETE: clearFaults },
  },
];
