export const runSample = async (_a: unknown, _s: AbortSignal): Promise<boolean> => true;
