export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanStart {
  /** Which part it takes in what goes from process to process; `internal` unless given. */
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** The `traceparent` of the span that it belongs to, as others told it; without one, or a valid one, it begins a trace. */
  readonly parent?: string | undefined;
  /** The `traceparent` of a span of another trace that led to it. */
  readonly link?: string | undefined;
  readonly attributes?: SpanAttributes;
}

/** Names a span in log lines, by the fields that OpenTelemetry has for it. */
export interface SpanIds {
  readonly trace_id: string;
  readonly span_id: string;
}

/** A piece of work that a trace tells of. Whoever began it ends it. */
export interface Span {
  /** How others continue the trace (W3C Trace Context); undefined if there is none. */
  readonly traceparent: string | undefined;
  readonly ids: SpanIds | undefined;
  set(attributes: SpanAttributes): void;
  /** With what went wrong, if something did: a code, or a status. */
  end(fault?: string): void;
}

/** Tells of the work of this process. None of it throws or waits, but for `close`. */
export interface Tracing {
  begin(name: string, start?: SpanStart): Span;
  /** Sends what is left, within three seconds. Never throws. */
  close(): Promise<void>;
}

const noSpan: Span = { traceparent: undefined, ids: undefined, set() {}, end() {} };

/** Tells nothing, at no cost. */
export const noTracing: Tracing = { begin: () => noSpan, close: async () => {} };
