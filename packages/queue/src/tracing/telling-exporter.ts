import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';

/** Tells the log that spans can't be sent: of failures that follow each other, the first. */
export class TellingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Logger;
  #isFaulty = false;

  constructor(exporter: SpanExporter, log: Logger) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], onResult: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      const isFaulty = result.code !== ExportResultCode.SUCCESS;
      if (isFaulty && !this.#isFaulty) {
        this.#log.warn({ err: result.error }, 'traces can not be sent and are dropped for now');
      }
      if (!isFaulty && this.#isFaulty) this.#log.info('traces are sent again');
      this.#isFaulty = isFaulty;
      onResult(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
