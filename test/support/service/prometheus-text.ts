/** A metric as Prometheus reads it. */
export interface ReadMetric {
  readonly type: string;
  readonly help: string;
  /** Numbers by the text of their series: `name{label="value"}`, labels in their order. */
  readonly samples: ReadonlyMap<string, number>;
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\]|\\\\["\\\\n])*"';
const helpLine = new RegExp(`^# HELP (${name}) (.*)$`);
const typeLine = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary|untyped)$`);
const sampleLine = new RegExp(`^((${name})(?:\\{(?:${label}(?:,${label})*)?\\})?) (\\S+)$`);
/** Go's ParseFloat, by which Prometheus reads, takes NaN in any case, and prom-client writes Nan. */
const number = /^(?:[+-]?Inf|Na[Nn]|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const suffixes = /_(bucket|sum|count)$/;

/**
 * Reads the text format of Prometheus, version 0.0.4, and is stricter than Prometheus: every sample follows the help and
 * the type of its metric, none comes twice, counters are named `_total` and the buckets of a histogram grow up to its count.
 */
export function readMetrics(text: string): Map<string, ReadMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const metrics = new Map<string, { type: string; help: string; samples: Map<string, number> }>();
  let help: RegExpExecArray | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const type = typeLine.exec(line);
    const sample = sampleLine.exec(line);
    if (helpLine.test(line)) help = helpLine.exec(line);
    else if (type !== null) {
      const [, named = '', kind = ''] = type;
      if (help?.[1] !== named || metrics.has(named)) throw new Error(`twice, or without help: ${line}`);
      metrics.set(named, { type: kind, help: help[2] ?? '', samples: new Map() });
    } else if (sample !== null) {
      const [, series = '', named = '', value = ''] = sample;
      const metric = metrics.get(named) ?? metrics.get(named.replace(suffixes, ''));
      if (metric === undefined || metric.samples.has(series) || !number.test(value)) {
        throw new Error(`twice, without a type, or no number: ${line}`);
      }
      metric.samples.set(series, Number(value.replace('Inf', 'Infinity')));
    } else if (line !== '') throw new Error(`not of the format: ${line}`);
  }
  for (const [named, metric] of metrics) checkMetric(named, metric);
  return metrics;
}

function checkMetric(named: string, { type, samples }: ReadMetric): void {
  if (type === 'counter' && !named.endsWith('_total')) throw new Error(`${named} is a counter`);
  if (type !== 'histogram') return;
  const buckets = [...samples].filter(([series]) => series.startsWith(`${named}_bucket`));
  const bySeries = Map.groupBy(buckets, ([series]) => series.replace(/le="[^"]*",|,?le="[^"]*"/, ''));
  for (const [series, own] of bySeries) {
    const values = own.map(([, value]) => value);
    const count = samples.get(series.replace('_bucket', '_count').replace('{}', ''));
    if (values.some((value, at) => value < (values[at - 1] ?? 0)) || values.at(-1) !== count) {
      throw new Error(`the buckets of ${series} are ${values.join(', ')} of ${count}`);
    }
  }
}
