/** A span as a collector gets it. */
export interface ReceivedSpan {
  /** `service.name`. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentId: string;
  /** As OTLP counts: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Trace ids. */
  readonly links: readonly string[];
  readonly isError: boolean;
  /** Nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
}

type Field = { readonly number: number; readonly bytes: Buffer; readonly value: bigint };

/** The fields of a message of protobuf's wire format, in their order. */
function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    let value = 0n;
    let bytes: Buffer = Buffer.alloc(0);
    if (kind === 0) value = varint();
    else {
      const length = kind === 1 ? 8 : kind === 5 ? 4 : Number(varint());
      bytes = message.subarray(at, at + length);
      at += length;
      if (kind === 1) value = bytes.readBigUInt64LE();
    }
    yield { number: tag >> 3, bytes, value };
  }
}

const all = (message: Buffer, number: number): Field[] =>
  [...fieldsOf(message)].filter((field) => field.number === number);
const bytesOf = (message: Buffer, number: number): Buffer =>
  all(message, number)[0]?.bytes ?? Buffer.alloc(0);
const numberOf = (message: Buffer, number: number): bigint => all(message, number)[0]?.value ?? 0n;

/** Reads `ExportTraceServiceRequest` of OTLP 1.x: opentelemetry/proto/trace/v1/trace.proto. */
export function spansOf(request: Buffer): ReceivedSpan[] {
  return all(request, 1).flatMap(({ bytes: ofResource }) => {
    const service = String(attributesOf(bytesOf(ofResource, 1), 1)['service.name']);
    const spans = all(ofResource, 2).flatMap(({ bytes: ofScope }) => all(ofScope, 2));
    return spans.map(({ bytes }) => spanOf(service, bytes));
  });
}

function spanOf(service: string, span: Buffer): ReceivedSpan {
  return {
    service,
    name: bytesOf(span, 5).toString(),
    traceId: bytesOf(span, 1).toString('hex'),
    spanId: bytesOf(span, 2).toString('hex'),
    parentId: bytesOf(span, 4).toString('hex'),
    kind: Number(numberOf(span, 6)),
    attributes: attributesOf(span, 9),
    links: all(span, 13).map(({ bytes }) => bytesOf(bytes, 1).toString('hex')),
    isError: numberOf(bytesOf(span, 15), 3) === 2n,
    start: numberOf(span, 7),
    end: numberOf(span, 8),
  };
}

function attributesOf(message: Buffer, number: number): Record<string, string | number | boolean> {
  const pairs = all(message, number).map(({ bytes }) => {
    const [value] = fieldsOf(bytesOf(bytes, 2));
    return [bytesOf(bytes, 1).toString(), anyOf(value)];
  });
  return Object.fromEntries(pairs);
}

/** `AnyValue`: a string, a bool, an int or a double. */
function anyOf(field: Field | undefined): string | number | boolean {
  if (field?.number === 2) return field.value === 1n;
  if (field?.number === 3) return Number(field.value);
  if (field?.number === 4) return field.bytes.readDoubleLE();
  return field?.bytes.toString() ?? '';
}
