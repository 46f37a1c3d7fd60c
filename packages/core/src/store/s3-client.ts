import { createSecureContext } from 'node:tls';
import { S3Client } from '@aws-sdk/client-s3';
import { authorities } from './pem-file.ts';
import type { S3Settings } from './s3-settings.ts';

const connectionTimeout = 5000;
const defaultIdleTimeout = 60_000;

/** The SDK's client as the settings want it. Whoever asked for it destroys it. Throws `CONFIG_INVALID`. */
export function s3Client(settings: S3Settings): S3Client {
  const { endpoint, credentials, idleTimeout = defaultIdleTimeout } = settings;
  const elsewhere = endpoint !== undefined;
  const region = settings.region ?? (process.env.AWS_REGION || (elsewhere ? 'us-east-1' : undefined));
  const checksums = usesChecksums(settings) ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: settings.forcePathStyle ?? elsewhere,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    maxAttempts: 3,
    // With it the SDK opens a new connection for each part.
    expectContinueHeader: false,
    requestHandler: { connectionTimeout, socketTimeout: idleTimeout, ...trust(settings) },
  });
  client.middlewareStack.add(
    (next) => (args) => {
      leaveSecureBodyUnsigned(args.request);
      return next(args);
    },
    { step: 'build', name: 'leaveSecureBodyUnsigned' },
  );
  return client;
}

/** Made once: reading some hundred certificates for each connection would take longer than the rest of it. */
function trust({ endpoint, caFile }: S3Settings) {
  if (endpoint?.startsWith('http:')) return {};
  return { httpsAgent: { secureContext: createSecureContext({ ca: authorities('S3_CA_FILE', caFile) }) } };
}

export function usesChecksums({ checksums, endpoint }: S3Settings): boolean {
  return (checksums ?? (endpoint === undefined ? 'when-supported' : 'when-required')) === 'when-supported';
}

/**
 * Over TLS, whose records are authenticated, the sha256 of each part only costs: half of an upload's CPU. Over plain
 * HTTP the signature keeps covering the body.
 */
export function leaveSecureBodyUnsigned(request: unknown): void {
  if (typeof request !== 'object' || request === null) return;
  if (!('protocol' in request) || request.protocol !== 'https:') return;
  if (!('body' in request) || !(request.body instanceof Uint8Array)) return;
  if (!('headers' in request) || typeof request.headers !== 'object' || request.headers === null) return;
  Object.assign(request.headers, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' });
}
