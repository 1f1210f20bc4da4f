import { type FaultOrder, noFaults } from '../faults/fault-order.ts';
import type { Faults } from '../faults/fault-state.ts';
import { readJson } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { accept } from './read-order.ts';
import { orderFaults } from './steer-emulator.ts';

/** What is ordered to go wrong, and how often each rule has met a call and struck. */
function faultsJson(faults: Faults): object {
  const { rules, ...settings }: FaultOrder = faults.order();
  const progress = faults.progress();
  return { ...settings, rules: rules.map((rule, index) => ({ ...rule, ...progress[index] })) };
}

function showFaults(call: Call): Answer {
  return { status: 200, body: faultsJson(call.emulator.org.faults) };
}

function setFaults(call: Call): Answer {
  accept(() => orderFaults(call.emulator, readJson(call)));
  return showFaults(call);
}

function clearFaults(call: Call): Answer {
  call.emulator.org.faults.set(noFaults);
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
