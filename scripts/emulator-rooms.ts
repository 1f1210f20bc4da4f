/** What every part of the emulator stands on: records and who they belong to, but not how one is saved. */
const orgGround = [
  'json',
  'errors',
  'org/record-id',
  'schema',
  'store',
  'definition/check-section',
  'definition',
  'org',
];
/**
 * The rooms of the emulator, a folder each or a module by its path. Saving asks the rules and a rule judges what is
 * being saved: the one circle among them.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  json: [],
  errors: [],
  'org/record-id': [],
  'definition/check-section': ['json'],
  schema: ['json', 'definition/check-section'],
  store: ['org/record-id', 'schema'],
  definition: ['json', 'definition/check-section', 'schema'],
  formula: ['org/record-id'],
  faults: ['json', 'definition/check-section'],
  org: ['org/record-id', 'schema', 'store', 'type definition', 'type faults'],
  journal: orgGround,
  access: orgGround,
  rules: [...orgGround, 'formula', 'records'],
  records: [...orgGround, 'access', 'faults', 'journal', 'rules'],
  people: [...orgGround, 'access', 'records'],
  soql: [...orgGround, 'records'],
  http: [
    ...orgGround,
    'records',
    ...['bulk', 'journal', 'oauth', 'snapshots', 'soql'].map((room) => `type ${room}`),
  ],
  oauth: [...orgGround, 'http'],
  tooling: [...orgGround, 'access', 'http', 'soql'],
  bulk: [...orgGround, 'access', 'http', 'records', 'soql'],
  rest: [...orgGround, 'bulk', 'http', 'oauth', 'records', 'soql', 'tooling'],
  composite: [...orgGround, 'http', 'records', 'rest'],
  pages: [...orgGround, 'http', 'journal', 'records'],
  setup: [...orgGround, 'access', 'bulk', 'faults', 'journal', 'oauth', 'people', 'records', 'rules'],
  snapshots: [...orgGround, 'setup'],
  admin: [
    ...orgGround,
    'faults',
    'http',
    'journal',
    'oauth',
    'people',
    'records',
    'rest',
    'setup',
    'type snapshots',
  ],
};
const inEmulator = (room: string): string =>
  room.replace(/^(type )?/, (type) => `${type}salesforce-emulator/`);
const allRooms = Object.keys(rooms).map(inEmulator);

/** The arrows of the emulator: what it is started from sees all but its tests. */
export const emulatorArrows: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(rooms).map(([room, may]) => [inEmulator(room), may.map(inEmulator)])),
  'salesforce-emulator/server': allRooms,
  'salesforce-emulator/main': [...allRooms, 'salesforce-emulator/server'],
  'salesforce-emulator/testing': [...allRooms, 'salesforce-emulator/main'],
};

/** The room of a file of the emulator, by its path below `src`; undefined where the layout knows none. */
export function emulatorRoomOf(path: string): string | undefined {
  const module = path.replace(/\.ts$/, '');
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : 'main';
  return [module, folder].map(inEmulator).find((room) => room in emulatorArrows);
}
