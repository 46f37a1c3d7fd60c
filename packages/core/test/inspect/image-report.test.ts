import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { imageReportSchema } from '../../src/inspect/image-report.ts';

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

function fieldsOf({ properties = {}, items }: Shape): string[] {
  const below = Object.entries(properties).flatMap(([name, shape]) => [name, ...fieldsOf(shape)]);
  return items === undefined ? below : [...below, ...fieldsOf(items)];
}

const docs = readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
const [, told = ''] = /^### The report$(.*?)^## /ms.exec(docs) ?? [];

test.each([...new Set(fieldsOf(z.toJSONSchema(imageReportSchema) as Shape))])(
  'docs/cli.md tells of the field %s',
  (field) => {
    expect(told).toMatch(new RegExp(`\`(?:image\\.)?${field}\``));
  },
);
