import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

const roots: Readonly<Record<string, () => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: () => new TraceIdRatioBasedSampler(getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1),
};

/** Which traces are told, by `OTEL_TRACES_SAMPLER`: those whose caller tells his, and all that begin here, unless it is set. */
export function samplerOf(warn: (message: string) => void): Sampler {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const [, prefix, root = ''] = /^(parentbased_)?(.*)$/.exec(name) ?? [];
  const make = Object.hasOwn(roots, root) ? roots[root] : undefined;
  if (make === undefined) {
    warn(`OTEL_TRACES_SAMPLER is none of ${Object.keys(roots).join(', ')}, alone or behind parentbased_`);
    return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
  return prefix === undefined ? make() : new ParentBasedSampler({ root: make() });
}
