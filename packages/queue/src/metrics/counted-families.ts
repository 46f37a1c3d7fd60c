import { bounds, type Counted, counters, histograms, separator } from './counted.ts';
import type { Labels, MetricFamily, Sample } from './metric-family.ts';

/** One field of the hash: what follows the name, and its number. */
interface Part {
  readonly rest: readonly string[];
  readonly value: number;
}

/** All counters and histograms, out of the hash that the scripts count in; what it has beside them is left out. */
export function countedFamilies(hash: Readonly<Record<string, string>>): MetricFamily[] {
  const parts = Object.entries(hash).map(([field, value]) => {
    const [name = '', ...rest] = field.split(separator);
    return { name, rest, value: Number(value) };
  });
  const named = Map.groupBy(parts, ({ name }) => name);
  const families =
    (type: 'counter' | 'histogram', samplesOf: (counted: Counted, found: readonly Part[]) => Sample[]) =>
    ([name, counted]: [string, Counted]): MetricFamily => ({
      ...{ name: `dimgx_${name}`, type, help: counted.help },
      samples: samplesOf(counted, named.get(name) ?? []),
    });
  return [
    ...Object.entries(counters).map(families('counter', counterSamples)),
    ...Object.entries(histograms).map(families('histogram', histogramSamples)),
  ];
}

function counterSamples({ labels }: Counted, found: readonly Part[]): Sample[] {
  const all = new Map(standing(labels).map((values) => [values.join(separator), 0]));
  for (const { rest, value } of found) all.set(rest.join(separator), value);
  return [...all].map(([series, value]) => ({ labels: labelled(labels, series.split(separator)), value }));
}

function histogramSamples({ labels }: Counted, found: readonly Part[]): Sample[] {
  const count = Object.keys(labels).length;
  const bySeries = Map.groupBy(found, ({ rest }) => rest.slice(0, count).join(separator));
  const all = new Set([...standing(labels).map((values) => values.join(separator)), ...bySeries.keys()]);
  return [...all].flatMap((series) => {
    const own = new Map(
      bySeries.get(series)?.map(({ rest, value }) => [rest.slice(count).join(separator), value]),
    );
    return bucketSamples(labelled(labels, series.split(separator)), own);
  });
}

/** The buckets of a series, each with those below it, as Prometheus counts. */
function bucketSamples(labels: Labels, own: ReadonlyMap<string, number>): Sample[] {
  let below = 0;
  const buckets = [...bounds, '+Inf'].map((le): Sample => {
    below += own.get(`le${separator}${le}`) ?? 0;
    return { suffix: '_bucket', labels: { ...labels, le }, value: below };
  });
  const seconds = (own.get('sum') ?? 0) / 1000;
  return [...buckets, { suffix: '_sum', labels, value: seconds }, { suffix: '_count', labels, value: below }];
}

/** The values of all labels, in every combination; none if a label's values are many. */
function standing(labels: Counted['labels']): string[][] {
  return Object.values(labels).reduce<string[][]>(
    (combinations, values) => combinations.flatMap((before) => values.map((value) => [...before, value])),
    [[]],
  );
}

function labelled(labels: Counted['labels'], values: readonly string[]): Labels {
  return Object.fromEntries(Object.keys(labels).map((label, at) => [label, values[at] ?? '']));
}
