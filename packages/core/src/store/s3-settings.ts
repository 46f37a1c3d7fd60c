import { DimgxError } from '../errors.ts';
import { maxPartSize, minPartSize } from './s3-part-sizes.ts';

/** How to reach an S3-compatible store. Without any of it: AWS, as its tools find region and credentials. */
export interface S3Settings {
  /** `http[s]://HOST[:PORT]`. */
  readonly endpoint?: string;
  /** The same server as its users see it, where that differs; presigned URLs name it. */
  readonly publicEndpoint?: string;
  /**
   * PEM file of the authorities that may have signed the server's certificate, and no others. Without it the system's,
   * Node's and those of NODE_EXTRA_CA_CERTS.
   */
  readonly caFile?: string;
  /** Without it AWS_REGION and the profile count, and with an endpoint `us-east-1`. */
  readonly region?: string;
  /** `HOST/BUCKET/KEY` rather than `BUCKET.HOST/KEY`. True with an endpoint unless given. */
  readonly forcePathStyle?: boolean;
  /** Without them, the SDK's chain: AWS_* names, profile, web identity, instance role. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /**
   * Whether requests carry a CRC32 beside their signature and answers are checked against theirs. `when-required`
   * with an endpoint unless given, as other servers than AWS's may refuse it.
   */
  readonly checksums?: 'when-required' | 'when-supported';
  /** Bytes of the first thousand parts of an upload; 8 MiB unless given. See `partSizeOf`. */
  readonly partSize?: number;
  /** Parts of one upload sent at a time; 4 unless given. An upload holds one more part in memory. */
  readonly partsInFlight?: number;
  /** Milliseconds without a byte in either direction after which a request counts as lost; a minute unless given. */
  readonly idleTimeout?: number;
}

/** Throws `CONFIG_INVALID`. */
export function checkS3Settings(settings: S3Settings): void {
  checkEndpoint(settings.endpoint);
  checkEndpoint(settings.publicEndpoint);
  checkInteger('part size', settings.partSize, minPartSize, maxPartSize);
  checkInteger('number of parts in flight', settings.partsInFlight, 1, 64);
  checkInteger('idle timeout', settings.idleTimeout, 1, 3_600_000);
}

/** The endpoint may hold a password by mistake, so a message never quotes it. */
function checkEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined) return;
  const url = URL.parse(endpoint);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new DimgxError('CONFIG_INVALID', 'the S3 endpoint must be a URL such as http://127.0.0.1:9000');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const message = `the S3 endpoint ${url.origin} must hold no user, password or query: give credentials by AWS_*`;
    throw new DimgxError('CONFIG_INVALID', message);
  }
}

function checkInteger(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (Number.isInteger(value) && min <= value && value <= max)) return;
  throw new DimgxError('CONFIG_INVALID', `the ${name} of S3 uploads must be between ${min} and ${max}`);
}
