import type { MetricFamily, ServiceMetrics } from '@dimgx/queue';

/** The counters and gauges of the service that are not zero, by `name{value,value}`: labels by their values alone. */
export async function metricValues(metrics: Pick<ServiceMetrics, 'read'>): Promise<Record<string, number>> {
  const families = await metrics.read();
  return Object.fromEntries(families.flatMap(valuesOf));
}

function valuesOf({ name, samples }: MetricFamily): [string, number][] {
  return samples
    .filter(({ suffix, value }) => suffix !== '_bucket' && value !== 0)
    .map(({ suffix = '', labels, value }) => {
      const values = Object.values(labels).join(',');
      return [`${name.replace('dimgx_', '')}${suffix}${values === '' ? '' : `{${values}}`}`, value];
    });
}
