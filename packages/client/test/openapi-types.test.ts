import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Operation, readOperations } from './openapi-operations.ts';
import { methodOf, optionName } from './operation-methods.ts';
import { type JsonSchema, merged, typeOf } from './schema-type.ts';

const root = resolve(import.meta.dirname, '../../..');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-types-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('what methods take and give are the types of the OpenAPI document', { timeout: 60_000 }, async () => {
  const claims = (await readOperations()).flatMap(claimsOf);
  expect(claims.length).toBeGreaterThan(100);
  expect(await refuted(claims)).toEqual([]);
});

/** That a type of the client and one of the document are the same, or nearly: which of them is within which. */
interface Claim {
  readonly about: string;
  readonly inner: string;
  readonly outer: string;
}

function claimsOf(operation: Operation): Claim[] {
  const { name, ids, body, query, headers, answers, problems } = operation;
  const method = methodOf(operation);
  const call = `DimgxClient${method.name
    .split('.')
    .map((part) => `[${JSON.stringify(part)}]`)
    .join('')}`;
  const given = `Parameters<${call}>`;
  const bodyType = method.body ?? (body && typeOf(body));
  const optionsAt = ids.length + (bodyType === undefined ? 0 : 1);
  const options = [...query, ...headers.map((header) => ({ ...header, name: optionName(header.name) }))];
  const optionsType = method.options ?? typeOf(objectOf(options));
  return [
    ...ids.flatMap((id, at) => same(`${name}, {${id}}`, `${given}[${at}]`, 'string')),
    ...(bodyType === undefined ? [] : same(`${name}, body`, `${given}[${ids.length}]`, bodyType)),
    ...same(`${name}, options`, `Own<${given}[${optionsAt}]>`, optionsType),
    ...(answers.length === 0 ? [] : same(`${name}, answer`, `Answer<${call}>`, answerType(answers))),
    // Of /readyz with what its parts say.
    ...(name === 'GET /readyz'
      ? []
      : problems.flatMap((each) => same(`${name}, refusal`, 'Problem', typeOf(each)))),
  ];
}

/** The shape of each is within that of the other. */
function same(about: string, mine: string, theirs: string): Claim[] {
  const [inner, outer] = [`Shape<${mine}>`, `Shape<${theirs}>`];
  return [
    { about, inner, outer },
    { about, inner: outer, outer: inner },
  ];
}

function objectOf(
  parameters: readonly { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }[],
): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** A list of one page is given as its items. */
function answerType(answers: readonly JsonSchema[]): string {
  const answer = merged(answers);
  const { items, ...others } = answer.properties ?? {};
  return typeOf(items !== undefined && Object.keys(others).length === 0 ? items : answer);
}

/** The claims that do not compile, and what the compiler says. */
async function refuted(claims: readonly Claim[]): Promise<string[]> {
  const file = join(folder, 'claims.ts');
  const lines = [
    `import type { DimgxClient, ImageReport, Page, Pages, Problem, RequestOptions } from '${root}/packages/client/src/index.ts';`,
    `import type { Shape, Within } from '${import.meta.dirname}/shape.ts';`,
    'type Own<Options> = Omit<NonNullable<Options>, keyof RequestOptions>;',
    'type Given<T> = T extends Pages<infer Item> ? Page<Item> : Awaited<T>;',
    'type Answer<Method extends (...given: never[]) => unknown> = Given<ReturnType<Method>>;',
  ];
  const claimLines = claims.map(
    ({ inner, outer }, at) => `export type Claim${at} = Within<${inner}, ${outer}>;`,
  );
  await writeFile(file, [...lines, ...claimLines].join('\n'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(compilation));
  const faults = (await compiled()).split(/\n(?=\S)/).filter((line) => line.trim() !== '');
  return faults.map((fault) => {
    const [, line] = /^claims\.ts\((\d+),/.exec(fault) ?? [];
    const about = claims[Number(line) - lines.length - 1]?.about ?? 'the compilation';
    // Of whole objects, the place and the field say enough.
    return `${about}: ${fault.replace(/'\{[^']*'/g, '{…}')}`;
  });
}

const compilation = {
  extends: join(root, 'tsconfig.base.json'),
  compilerOptions: {
    ...{ noEmit: true, composite: false, declaration: false, rewriteRelativeImportExtensions: false },
    typeRoots: [join(root, 'node_modules/@types')],
    customConditions: ['dimgx-source'],
  },
  files: ['claims.ts'],
};

/** What the compiler prints; its faults are in there. */
function compiled(): Promise<string> {
  const tsc = join(root, 'node_modules/.bin/tsc');
  return new Promise((resolve) => {
    execFile(tsc, ['-p', folder, '--pretty', 'false'], { cwd: folder }, (_fault, stdout) => resolve(stdout));
  });
}
