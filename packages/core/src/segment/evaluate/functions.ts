import type { FunctionName } from '../syntax/function-names.ts';
import { isNothing } from './cost.ts';
import type { Implementation } from './functions/call.ts';
import { listFunctions } from './functions/list-functions.ts';
import { mapFunctions } from './functions/map-functions.ts';
import { setFunctions } from './functions/set-functions.ts';
import { textFunctions } from './functions/text-functions.ts';
import { timeFunctions } from './functions/time-functions.ts';

/** What each function does. Values of a wrong type are like absent ones. */
const implementations: Readonly<Record<FunctionName, Implementation>> = {
  isNull: ({ run, target }) => isNothing(run, target),
  isNotNull: ({ run, target }) => !isNothing(run, target),
  ...textFunctions,
  ...setFunctions,
  ...listFunctions,
  ...mapFunctions,
  ...timeFunctions,
  inSegment: ({ run, given: [segmentId] }) =>
    typeof segmentId === 'string' && run.subject.segments.has(segmentId),
};

export const implementationOf = (name: FunctionName): Implementation => implementations[name];
