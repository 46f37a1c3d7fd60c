import type { BatchRequest, JobRequest, JobTemplate } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';

/**
 * What a batch is made of, out of a text with an image a line: blank lines and those that begin with `#` are left out,
 * and a line that begins with `{` is a whole job as JSON. Jobs get the template too, where they don't say otherwise.
 * Throws `USAGE`.
 */
export function batchBody(text: string, template: JobTemplate): BatchRequest {
  const items = text.split('\n').flatMap((line, at) => {
    const item = line.trim();
    if (item === '' || item.startsWith('#')) return [];
    return [item.startsWith('{') ? jobOf(item, at + 1) : item];
  });
  if (items.length === 0) throw new DimgxError('USAGE', 'there is no image: give one on each line');
  const images = items.filter((item) => typeof item === 'string');
  if (images.length === items.length) return { images, template };
  return {
    jobs: items.map((item) => ({ ...template, ...(typeof item === 'string' ? { image: item } : item) })),
  };
}

/** What it is beside JSON, the service tells. */
function jobOf(text: string, line: number): JobRequest {
  try {
    return JSON.parse(text) as JobRequest;
  } catch (cause) {
    throw new DimgxError('USAGE', `line ${line} is no valid JSON`, { cause });
  }
}
