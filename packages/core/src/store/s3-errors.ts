import { DimgxError, type ErrorCode, systemCode } from '../errors.ts';

/** What may be told of a bucket. */
export interface BucketAddress {
  readonly bucket: string;
  /** `http://HOST:PORT`, or `AWS`. */
  readonly endpoint: string;
}

/** What may be told of a fault. The SDK's own error holds the request, with its signature, so it is not passed on. */
interface Fault {
  /** S3's code, such as `NoSuchBucket`, else the system's, such as `ECONNREFUSED`. */
  readonly name: string;
  readonly message: string;
  readonly status?: number;
}

const codeOfName: Record<string, ErrorCode> = {
  NoSuchBucket: 'STORE_BUCKET_MISSING',
  AuthorizationHeaderMalformed: 'CONFIG_INVALID',
  PermanentRedirect: 'CONFIG_INVALID',
  IllegalLocationConstraintException: 'CONFIG_INVALID',
  InvalidBucketName: 'CONFIG_INVALID',
  QuotaExceeded: 'NO_SPACE',
  XMinioStorageFull: 'NO_SPACE',
  CredentialsProviderError: 'STORE_DENIED',
  ExpiredToken: 'STORE_DENIED',
  InvalidToken: 'STORE_DENIED',
  RequestTimeout: 'STORE_UNREACHABLE',
  SlowDown: 'STORE_UNREACHABLE',
  TimeoutError: 'STORE_UNREACHABLE',
};

const notTrusted = /SELF_SIGNED|^UNABLE_TO_(VERIFY|GET)/;

/** `action` as in "can't read x.tar". */
export function s3Error(thrown: unknown, action: string, address: BucketAddress): DimgxError {
  if (thrown instanceof DimgxError) return thrown;
  const fault = readFault(thrown);
  const code = codeOf(fault);
  return new DimgxError(code, `can't ${action}: ${explain(code, fault, address)}`, { cause: causeOf(fault) });
}

/** Whether S3 itself said this, such as `NoSuchKey`. */
export function saysS3(error: unknown, name: string): boolean {
  return error instanceof DimgxError && error.cause instanceof Error && error.cause.name === name;
}

function readFault(thrown: unknown): Fault {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  const status = statusOf(thrown);
  const name = status === undefined ? (systemCode(thrown) ?? thrown.name) : thrown.name;
  const message = thrown.message.replaceAll(/\s+/g, ' ').trim();
  return status === undefined ? { name, message } : { name, message, status };
}

function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

function codeOf({ name, status, message }: Fault): ErrorCode {
  const code = codeOfName[name];
  if (code !== undefined) return code;
  if (message === 'Region is missing') return 'CONFIG_INVALID';
  if (status === undefined)
    return /^(E[A-Z_]+|CERT_|UNABLE_|DEPTH_|SELF_)/.test(name) ? 'STORE_UNREACHABLE' : 'STORE_FAILED';
  if (status === 401 || status === 403) return 'STORE_DENIED';
  if (status === 507) return 'NO_SPACE';
  if (status === 429 || (status >= 500 && status !== 501)) return 'STORE_UNREACHABLE';
  return 'STORE_FAILED';
}

function explain(code: ErrorCode, fault: Fault, { bucket, endpoint }: BucketAddress): string {
  const { name, message, status } = fault;
  switch (code) {
    case 'STORE_BUCKET_MISSING':
      return `there is no bucket ${bucket} at ${endpoint}; create it, or name another one`;
    case 'STORE_DENIED':
      return status === undefined
        ? `no credentials for ${endpoint} were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`
        : `${endpoint} denies access to bucket ${bucket} (${name}); check the credentials and what they permit`;
    case 'STORE_UNREACHABLE':
      if (status === undefined && notTrusted.test(name))
        return `the certificate of ${endpoint} is not trusted (${name}); name its authority by S3_CA_FILE`;
      return status === undefined
        ? `${endpoint} does not answer (${name}); check the endpoint and that its server runs`
        : `${endpoint} answers ${status} ${name}; try again later`;
    case 'NO_SPACE':
      return `bucket ${bucket} at ${endpoint} is full (${name}); free space or raise its quota`;
    case 'CONFIG_INVALID':
      return `${endpoint} does not take this bucket or region (${name}: ${message}); check bucket and AWS_REGION`;
    default:
      return `${endpoint} answers ${status ?? ''} ${name}: ${message}`.replace('  ', ' ');
  }
}

function causeOf({ name, message, status }: Fault): Error {
  const cause = new Error(status === undefined ? message : `${message} (HTTP ${status})`);
  cause.name = name;
  return cause;
}
