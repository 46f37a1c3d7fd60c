import { afterEach, describe, expect, test, vi } from 'vitest';
import { serviceLog } from '../../src/service-log.ts';
import { openTracing } from '../../src/tracing/open-tracing.ts';
import { samplerOf } from '../../src/tracing/sampler.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

/** Whether these variables ask for traces, and what is said of them. */
async function opened(environment: Record<string, string>): Promise<[boolean, string]> {
  const lines: string[] = [];
  const log = serviceLog('test', 'warn', { write: (line) => void lines.push(line) });
  const tracing = await openTracing('test', environment, log);
  await tracing?.close();
  return [tracing !== undefined, lines.map((line) => String(JSON.parse(line).msg)).join('; ')];
}

describe('traces', () => {
  test.each([
    ['nothing', {}, false],
    ['an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    ['an endpoint', endpoint, true],
    ['an endpoint for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces' }, true],
    ['the exporter otlp', { OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ['the exporter none with an endpoint', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, false],
    ['a disabled SDK with an endpoint', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, false],
    ['a service name alone', { OTEL_SERVICE_NAME: 'x' }, false],
  ])('%s', async (_, environment, isOn) => {
    expect(await opened(environment)).toEqual([isOn, '']);
  });

  test('an exporter that is not known is told', async () => {
    const [isOn, said] = await opened({ ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' });
    expect(isOn).toBe(false);
    expect(said).toBe('OTEL_TRACES_EXPORTER may be otlp or none, not zipkin');
  });

  test('another protocol is told', async () => {
    const [isOn, said] = await opened({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    expect(isOn).toBe(true);
    expect(said).toContain('http/protobuf');
  });
});

describe('which traces are told', () => {
  afterEach(() => vi.unstubAllEnvs());

  const sampler = (name?: string, argument?: string): [string, string[]] => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', name);
    vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', argument);
    const said: string[] = [];
    return [samplerOf((message) => said.push(message)).toString(), said];
  };

  test.each([
    [undefined, undefined, /^ParentBased\{root=AlwaysOnSampler/],
    ['always_off', undefined, /^AlwaysOffSampler$/],
    ['traceidratio', '0.25', /^TraceIdRatioBased\{0.25\}$/],
    ['parentbased_traceidratio', '0.5', /^ParentBased\{root=TraceIdRatioBased\{0.5\}/],
  ])('OTEL_TRACES_SAMPLER=%s with %s', (name, argument, shown) => {
    const [found, said] = sampler(name, argument);
    expect(found).toMatch(shown);
    expect(said).toEqual([]);
  });

  test.each(['jaeger_remote', 'parentbased_', 'constructor'])('%s is told, and all are', (name) => {
    const [found, said] = sampler(name);
    expect(found).toMatch(/^ParentBased\{root=AlwaysOnSampler/);
    expect(said).toHaveLength(1);
  });
});
