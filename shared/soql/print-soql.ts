import { quoted } from './quoted-text.ts';
import type { SoqlFilter, SoqlOrder, SoqlQuery } from './soql-query.ts';

/** A query as text, a line for each clause. */
export function printSoql({ objectName, fields, join, filters, order, limit }: SoqlQuery): string {
  return [
    `SELECT ${fields.join(', ')}`,
    `FROM ${objectName}`,
    ...filters.map((filter, index) => `${index === 0 ? 'WHERE' : `  ${join}`} ${filterText(filter)}`),
    ...(order.length > 0 ? [`ORDER BY ${order.map(orderText).join(', ')}`] : []),
    ...(limit === null ? [] : [`LIMIT ${limit}`]),
  ].join('\n');
}

function filterText({ field, comparison, values }: SoqlFilter): string {
  const texts = values.map(({ kind, text }) => (kind === 'text' ? quoted(text, comparison === 'LIKE') : text));
  return `${field} ${comparison} ${/^[A-Z]/.test(comparison) && comparison !== 'LIKE' ? `(${texts.join(', ')})` : texts.join('')}`;
}

function orderText({ field, descending, nulls }: SoqlOrder): string {
  return `${field}${descending ? ' DESC' : ''}${nulls === null ? '' : ` NULLS ${nulls}`}`;
}
