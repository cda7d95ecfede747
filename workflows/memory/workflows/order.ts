/** The state of a typical workflow: about 20 KB of an order, parsed by `zod`, with dates and texts made of it. */
import { addDays, format, formatISO } from 'date-fns';
import _ from 'lodash';
import { z } from 'zod';
import { type State, fold } from './life';

const LINES = 130;
const TAGS = 20;
const FIRST_DAY = new Date(2026, 0, 1);

const lineSchema = z.object({ sku: z.string(), name: z.string(), quantity: z.number().int(), price: z.number() });
const orderSchema = z.object({
  id: z.string(),
  customer: z.string(),
  due: z.string(),
  tags: z.array(z.string()),
  lines: z.array(lineSchema),
});

/** How names and tags are written. */
export interface Style {
  name(text: string): string;
  tag(text: string): string;
}

const PLAIN: Style = { name: (text) => _.startCase(text), tag: (text) => _.kebabCase(text) };

/** An order that follows from `seed` alone. */
export function orderOf(seed: number, style: Style = PLAIN): State {
  const day = addDays(FIRST_DAY, seed % 365);
  const order = orderSchema.parse({
    id: `order ${seed}`,
    customer: style.name(`customer number ${seed}`),
    due: formatISO(day),
    tags: _.range(TAGS).map((n) => style.tag(`tag ${format(day, 'yyyy MM dd')} ${n}`)),
    lines: _.range(LINES).map((n) => ({
      sku: `sku-${seed}-${n}`,
      name: style.name(`article ${n} of order ${seed}`),
      quantity: 1 + ((seed + n) % 9),
      price: 100 + ((seed * 7 + n * 13) % 9_000),
    })),
  });
  return {
    poke(amount) {
      const line = order.lines[Math.abs(amount) % LINES];
      if (line) line.quantity += amount;
    },
    checksum() {
      const texts = [order.id, order.customer, order.due, ...order.tags].join().length;
      const ofLines = order.lines.reduce(
        (sum, { quantity, price, sku }) => fold(fold(sum, quantity), price + sku.length),
        1
      );
      return fold(ofLines, texts);
    },
  };
}
