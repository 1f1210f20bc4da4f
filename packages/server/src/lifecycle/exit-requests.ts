/**
 * A signal that aborts when the program is asked to end: SIGTERM, SIGINT, SIGHUP, or the end of the channel to
 * the process that started it.
 */
export function listenForExit(): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, end);
  if (process.channel !== undefined) process.on('disconnect', end);
  return controller.signal;
}
