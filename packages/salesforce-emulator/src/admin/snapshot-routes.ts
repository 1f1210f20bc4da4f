import Type from 'typebox';
import { checkSection } from '../definition/check-section.ts';
import { apiErrors } from '../errors/api-error.ts';
import { readJson } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import type { SnapshotInfo } from '../snapshots/snapshots.ts';
import { accept } from './read-order.ts';
import { restoreSnapshot } from './steer-emulator.ts';

const strict = { additionalProperties: false } as const;
const takeSchema = Type.Object({ name: Type.String() }, strict);
const restoreSchema = Type.Object({ keep_ids: Type.Boolean({ default: true }) }, strict);

const snapshotJson = ({ name, createdAt, bytes }: SnapshotInfo): object => ({
  name,
  created_at: createdAt.toISOString(),
  bytes,
});

const listSnapshots = (call: Call): Answer => ({
  status: 200,
  body: { snapshots: call.emulator.snapshots.list().map(snapshotJson) },
});

function takeSnapshot(call: Call): Answer {
  const { name } = accept(() => checkSection(takeSchema, readJson(call), 'Snapshot'));
  return { status: 201, body: snapshotJson(accept(() => call.emulator.snapshots.take(name))) };
}

function removeSnapshot(call: Call): Answer {
  if (!call.emulator.snapshots.remove(call.params.name ?? '')) throw apiErrors.notFound();
  return { status: 204 };
}

function restore(call: Call): Answer {
  const order = call.body.length === 0 ? {} : readJson(call);
  const { keep_ids } = accept(() => checkSection(restoreSchema, order, 'Restore'));
  const name = call.params.name ?? '';
  if (!accept(() => restoreSnapshot(call.emulator, name, keep_ids))) throw apiErrors.notFound();
  return { status: 204 };
}

/** Copies of the org to go back to. */
export const snapshotRoutes: readonly Route[] = [
  { path: '/emulator/snapshots', access: 'local', methods: { GET: listSnapshots, POST: takeSnapshot } },
  { path: '/emulator/snapshots/:name', access: 'local', methods: { DELETE: removeSnapshot } },
  { path: '/emulator/snapshots/:name/restore', access: 'local', methods: { POST: restore } },
];
