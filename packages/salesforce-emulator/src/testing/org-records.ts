import type { RestClient } from './rest-client.ts';

type Record_ = Readonly<Record<string, unknown>>;

/**
 * Every record of some objects with every field, deleted ones too, in the order they were made. Ids are
 * replaced by their place (`Account 1`), so that orgs that used up different numbers can be compared.
 */
export async function readRecords(client: RestClient, objects: readonly string[]): Promise<unknown> {
  const names = new Map<string, string>();
  const found: Record<string, readonly Record_[]> = {};
  for (const object of objects) {
    const soql = `SELECT FIELDS(ALL) FROM ${object} ORDER BY Id LIMIT 200`;
    const { body } = await client.rest('GET', `/queryAll?q=${encodeURIComponent(soql)}`);
    const records: readonly Record_[] = body.records;
    found[object] = records;
    for (const [index, record] of records.entries()) names.set(String(record.Id), `${object} ${index + 1}`);
  }
  const rename = (value: unknown): unknown =>
    typeof value === 'string' ? (names.get(value) ?? value) : value;
  return Object.fromEntries(
    Object.entries(found).map(([object, records]) => [
      object,
      records.map(({ attributes: _attributes, ...fields }) =>
        Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, rename(value)])),
      ),
    ]),
  );
}
