/**
 * What exists under a name, else what is made now. Another caller may make it between the two steps: then the
 * creation is refused as a conflict, and what is there is taken.
 */
export const findOrCreate = async <T>(
  find: () => Promise<T | undefined>,
  create: () => Promise<T>,
): Promise<{ readonly value: T; readonly isNew: boolean }> => {
  const found = await find();
  if (found !== undefined) return { value: found, isNew: false };
  try {
    return { value: await create(), isNew: true };
  } catch (error) {
    const made = await find();
    if (made === undefined) throw error;
    return { value: made, isNew: false };
  }
};
