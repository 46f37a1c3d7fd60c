import { DimgxError } from '@dimgx/core';
import { logText } from '@dimgx/queue';
import type { Api } from './api.ts';

/** Refuses bodies that are no JSON with where that is seen, which the framework's own parser keeps to itself. */
export function readJson(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    parse(request, body, (fault, value) => {
      done(fault === null || body === '' ? fault : jsonFault(body), value);
    });
  });
}

/** Of a text that the framework refuses. */
function jsonFault(text: string): DimgxError {
  try {
    JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new DimgxError('REQUEST_INVALID', `the body is no valid JSON: ${logText(why)}`, { cause });
  }
  const message = 'the body has a field __proto__ or constructor.prototype, which is never taken';
  return new DimgxError('REQUEST_INVALID', message);
}
