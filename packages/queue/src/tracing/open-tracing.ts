import type { Logger } from 'pino';
import type { Tracing } from './tracing.ts';

type Environment = Readonly<NodeJS.ProcessEnv>;

/**
 * Traces of a part of the service, if OpenTelemetry's variables ask for them; else undefined, and nothing is loaded.
 * `environment` must be that of the process, where OpenTelemetry itself reads on. The caller closes it.
 */
export async function openTracing(
  service: string,
  environment: Environment,
  log: Logger,
): Promise<Tracing | undefined> {
  if (!isWanted(environment, log)) return undefined;
  const protocol =
    environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || environment.OTEL_EXPORTER_OTLP_PROTOCOL || spoken;
  if (protocol !== spoken)
    log.warn(`traces are sent as ${spoken}, whatever OTEL_EXPORTER_OTLP_PROTOCOL says`);
  const { startTracing } = await import('./otlp-tracing.ts');
  return startTracing(service, log);
}

const spoken = 'http/protobuf';

/** An empty variable counts as none, as OpenTelemetry has it. */
function isWanted(environment: Environment, log: Logger): boolean {
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false;
  const exporters = environment.OTEL_TRACES_EXPORTER?.split(',').map((name) => name.trim());
  const named = exporters?.filter((name) => name !== '') ?? [];
  const unknown = named.filter((name) => name !== 'otlp' && name !== 'none');
  if (unknown.length > 0) log.warn(`OTEL_TRACES_EXPORTER may be otlp or none, not ${unknown.join(', ')}`);
  if (named.length > 0) return named.includes('otlp');
  return Boolean(environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}
