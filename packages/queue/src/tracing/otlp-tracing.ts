import { setTimeout as delay } from 'node:timers/promises';
import { dimgxVersion } from '@dimgx/core';
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { getNumberFromEnv, parseTraceParent, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { samplerOf } from './sampler.ts';
import { TellingExporter } from './telling-exporter.ts';
import type { Span, SpanAttributes, SpanStart, Tracing } from './tracing.ts';

const flushWithin = 3000;

const kinds = {
  ...{ server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER },
  consumer: SpanKind.CONSUMER,
} as const;

/** Sends spans over OTLP, as OpenTelemetry's variables say. What can't be sent is told to the log and dropped. */
export function startTracing(service: string, log: Logger): Tracing {
  const warn = (message: string) => log.warn(`traces: ${message}`);
  const silent = () => {};
  diag.setLogger(
    { error: warn, warn, info: silent, debug: silent, verbose: silent },
    {
      ...{ logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    },
  );
  // The exporter's faults, which it has told itself.
  setGlobalErrorHandler((error) => log.debug({ err: error }, 'traces'));
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service, 'service.version': dimgxVersion }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(warn),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new TellingExporter(new OTLPTraceExporter(), log),
        maxQueueSize: getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE'),
        maxExportBatchSize: getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
        scheduledDelayMillis: getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY'),
        exportTimeoutMillis: getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT'),
      }),
    ],
  });
  const tracer = provider.getTracer('dimgx', dimgxVersion);
  return {
    begin: (name, start) => beginSpan(tracer, name, start),
    async close() {
      const sent = provider.shutdown().catch((err: unknown) => log.debug({ err }, 'traces'));
      await Promise.race([sent, delay(flushWithin, undefined, { ref: false })]);
    },
  };
}

function beginSpan(tracer: Tracer, name: string, { kind, parent, link, attributes }: SpanStart = {}): Span {
  const linked = spanContextOf(link);
  const options = {
    kind: kind === undefined ? SpanKind.INTERNAL : kinds[kind],
    attributes: definedOf(attributes),
    links: linked === undefined ? [] : [{ context: linked }],
  };
  return new ExportedSpan(tracer.startSpan(name, options, contextOf(parent)));
}

class ExportedSpan implements Span {
  readonly #span: OtelSpan;

  constructor(span: OtelSpan) {
    this.#span = span;
  }

  get ids(): Span['ids'] {
    const { traceId, spanId } = this.#span.spanContext();
    return { trace_id: traceId, span_id: spanId };
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(definedOf(attributes));
  }

  end(fault?: string): void {
    if (fault !== undefined) {
      this.#span.setAttribute('error.type', fault).setStatus({ code: SpanStatusCode.ERROR, message: fault });
    }
    this.#span.end();
  }
}

function contextOf(traceparent: string | undefined): Context {
  const parent = spanContextOf(traceparent);
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
}

function spanContextOf(traceparent = ''): SpanContext | undefined {
  const parsed = parseTraceParent(traceparent);
  return parsed === null ? undefined : { ...parsed, isRemote: true };
}

function definedOf(attributes: SpanAttributes = {}): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
