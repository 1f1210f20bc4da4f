/** A page of a collection in order of an id: one item more is read than asked for, to see whether more follow. */
export async function readPage<Item>(
  limit: number | undefined,
  read: (limit: number) => Promise<readonly Item[]>,
  idOf: (item: Item) => string,
): Promise<{ readonly items: Item[]; readonly nextAfter: string | null }> {
  const size = limit ?? 100;
  const found = await read(size + 1);
  const items = found.slice(0, size);
  const last = items.at(-1);
  return { items, nextAfter: found.length > size && last !== undefined ? idOf(last) : null };
}
