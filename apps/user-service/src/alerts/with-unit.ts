import { metrics, type Metric } from '../rules/rule-fields.js';

/** A number with the unit of the metric. */
export function withUnit({ metric }: { readonly metric: Metric }, value: number | null): string {
  if (value === null) return 'unknown';
  const { unit } = metrics[metric];
  return unit === '°F' ? `${Math.round(value * 10) / 10} °F` : `${Math.round(value)}`;
}
