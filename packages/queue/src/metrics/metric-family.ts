export type Labels = Readonly<Record<string, string>>;

/** One number of a metric; the suffix is that of a histogram's parts. */
export interface Sample {
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels: Labels;
  readonly value: number;
}

/** A metric as Prometheus's text format has it, with its full name. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}
