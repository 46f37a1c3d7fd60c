import { DimgxError } from '@dimgx/core';
import type { Api } from './api.ts';

/** Refuses compressed bodies, which would be read as if they were none. For routes that are declared from now on. */
export function refuseCompressed(app: Api): void {
  app.addHook('preParsing', async ({ headers }, reply) => {
    const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (encoding === 'identity' || encoding === '') return;
    // What is taken instead (RFC 9110, 15.5.16).
    reply.header('accept-encoding', 'identity');
    throw new DimgxError(
      'MEDIA_TYPE_UNSUPPORTED',
      'compressed bodies are not taken: send it plain, without Content-Encoding',
    );
  });
}
