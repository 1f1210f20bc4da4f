export * from './dataflow/destination.ts';
export * from './errors/codes.ts';
export * from './errors/headrace-error.ts';
export * from './xdm/field.ts';
export * from './xdm/path.ts';
