import type { z } from 'zod';
import { DimgxError } from '../errors.ts';
import { quoted } from './content.ts';

/**
 * A JSON document of an image, checked. `what` names it in the error, `MANIFEST_INVALID`, which never quotes the
 * document: the file may be one that its reader was not meant to see.
 */
export function parseDocument<T>(bytes: Uint8Array, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(parseJson(bytes, what));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${quoted(issue.path.join('.'))}`;
  throw new DimgxError(
    'MANIFEST_INVALID',
    `${what} is not of the right form${at}: ${issue?.message ?? 'invalid'}`,
  );
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new DimgxError('MANIFEST_INVALID', `${what} is not JSON`);
  }
}
