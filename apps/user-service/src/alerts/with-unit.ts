import { metrics, type Metric } from '../rules/rule-fields.js';

/** A number with the unit of the metric. */
export function withUnit({ metric }: { readonly metric: Metric }, value: number | null): string {
  if (value === null) return 'unknown';
  const { unit } = metrics[metric];
  if (unit === 'AQI') return `${Math.round(value)}`;
  return unit === '%' ? `${Math.round(value)} %` : `${Math.round(value * 10) / 10} ${unit}`;
}
