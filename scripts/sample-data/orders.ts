import type { CustomerRow } from './customers.ts';
import { instantBetween } from './instants.ts';
import type { Random } from './random.ts';

export const orderHeader = [
  'order_id',
  'customer_id',
  'ordered_at',
  'currency',
  'total',
  'sku',
  'product',
  'quantity',
  'item_total',
] as const;

export type OrderRow = Readonly<Record<(typeof orderHeader)[number], string>>;

export const orderCount = 12_000;

/** Price in hundredths of the currency. */
type Product = readonly [sku: string, name: string, price: number];
const products: readonly Product[] = [
  ['LMP-101', 'Desk lamp, brass', 5_490],
  ['LMP-102', 'Floor lamp, oak', 12_900],
  ['MON-270', '27" monitor', 28_900],
  ['CHR-310', 'Office chair "Nordic"', 19_950],
  ['MUG-001', 'Stoneware mug', 1_450],
  ['NTB-014', 'Notebook, dotted, A5', 890],
  ['PEN-007', 'Fountain pen', 3_995],
  ['BAG-220', 'Canvas backpack', 7_900],
  ['TEA-033', 'Sencha tea, 100 g', 1_275],
  ['CAF-034', 'Espresso beans, 1 kg', 2_390],
  ['BLK-120', 'Wool blanket', 6_750],
  ['PLT-500', 'Monstera plant', 3_490],
];

const euroCountries = /^(?:Deutschland|Germany|DE|France|FR|España|Spain|ES|Ελλάδα|Greece|GR)$/;
const britishCountries = /^(?:United Kingdom|UK|GB|Great Britain)$/;

function currencyFor({ country }: CustomerRow): string {
  if (euroCountries.test(country)) return 'EUR';
  return britishCountries.test(country) ? 'GBP' : 'USD';
}

/**
 * Orders of these customers, sorted by time. Some buy often and many never: the buyer's place in a random line
 * is the product of two draws, which favours the front.
 */
export function createOrders(customers: readonly CustomerRow[], random: Random): readonly OrderRow[] {
  const byEagerness = random.shuffle(customers);
  const count = byEagerness.length;
  const orders = Array.from({ length: orderCount }, () => {
    const customer = byEagerness[Math.floor((random.below(count) * random.below(count)) / count)];
    if (customer === undefined) throw new Error('unreachable');
    return { customer, orderedAt: instantBetween('2023-01-01T00:00:00Z', '2025-11-01T00:00:00Z', random) };
  });
  return orders
    .sort((a, b) => (a.orderedAt < b.orderedAt ? -1 : a.orderedAt > b.orderedAt ? 1 : 0))
    .map(({ customer, orderedAt }, index) => {
      const [sku, name, price] = random.pick(products);
      const quantity = random.chance(80) ? 1 : 2 + random.below(4);
      const extras = random.chance(60) ? 0 : 495 + random.below(6_000);
      return {
        order_id: `O-${String(700_001 + index)}`,
        customer_id: customer.customer_id,
        ordered_at: orderedAt,
        currency: currencyFor(customer),
        total: inUnits(quantity * price + extras),
        sku,
        product: name,
        quantity: String(quantity),
        item_total: inUnits(quantity * price),
      };
    });
}

/** Hundredths as a decimal number with two places, without passing through a fraction. */
const inUnits = (hundredths: number): string =>
  `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
