import { DimgxError } from '@dimgx/core';
import type { Push } from './push.ts';

const names = ['registry', 'repository', 'tag', 'digest'] as const;

/** Braces of a template that stand for nothing. */
export function unknownPlaceholders(template: string): string[] {
  const known = names.map((name) => `{${name}}`);
  return (template.match(/\{[^{}]*\}|[{}]/g) ?? []).filter((each) => !known.includes(each));
}

/** The image that a push asks for. Throws `REFERENCE_INVALID` if the push does not tell all that the template needs. */
export function imageOf(template: string, push: Push): string {
  return names.reduce((image, name) => {
    const placeholder = `{${name}}`;
    if (!image.includes(placeholder)) return image;
    const value = push[name];
    if (value !== undefined) return image.replaceAll(placeholder, value);
    throw new DimgxError(
      'REFERENCE_INVALID',
      `the image of the job needs ${placeholder}, which the push does not tell`,
    );
  }, template);
}
