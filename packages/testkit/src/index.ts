export { createDatabase, type TestDatabase } from './create-database.ts';
export { freePort } from './free-port.ts';
export { makeDataDir, type TestDataDir } from './make-data-dir.ts';
export { MemoryOrg, type MemoryOrgFault } from './memory-org.ts';
export { type ProcessExit, type ProcessOptions, type StartedProcess, startProcess } from './start-process.ts';
