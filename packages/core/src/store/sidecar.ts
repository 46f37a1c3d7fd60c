import { z } from 'zod';
import { type FlattenReport, flattenReportSchema } from './flatten-report.ts';

const sidecarSchema = flattenReportSchema.extend({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/) });

/** What lies beside an artifact, written after it: the report, and which work this is the artifact of. */
export interface Sidecar {
  readonly report: FlattenReport;
  readonly fingerprint: string;
}

/** Says what is wrong with bytes that are no sidecar, or one of a dimgx that wrote it otherwise. */
export type ParsedSidecar = { readonly sidecar: Sidecar } | { readonly fault: string };

export function formatSidecar({ report, fingerprint }: Sidecar): Buffer {
  return Buffer.from(`${JSON.stringify({ ...report, fingerprint }, null, 2)}\n`);
}

/** Reads a sidecar, checked against its schema. */
export function parseSidecar(bytes: Uint8Array): ParsedSidecar {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return { fault: 'it is not JSON' };
  }
  const parsed = sidecarSchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'invalid'}` };
  }
  const { fingerprint, ...report } = parsed.data;
  return { sidecar: { report, fingerprint } };
}
