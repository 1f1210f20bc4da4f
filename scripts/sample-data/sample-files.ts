import { csvText } from './csv-text.ts';
import { createCustomers, customerHeader } from './customers.ts';
import { createOrders, orderHeader } from './orders.ts';
import { createRandom } from './random.ts';

/** Changing a seed, or the order of random choices, changes every row. */
const seeds = { customers: 20_251_101, orders: 20_251_102 } as const;

/** The CSV files of `examples/`, by name: the same bytes every time. */
export function createSampleFiles(): Readonly<Record<'customers.csv' | 'orders.csv', string>> {
  const customers = createCustomers(createRandom(seeds.customers));
  const orders = createOrders(customers, createRandom(seeds.orders));
  return {
    'customers.csv': csvText([
      customerHeader,
      ...customers.map((row) => customerHeader.map((column) => row[column])),
    ]),
    'orders.csv': csvText([orderHeader, ...orders.map((row) => orderHeader.map((column) => row[column]))]),
  };
}
