import { apiFixture } from '../../api/test/api-fixture.ts';
import type { JsonSchema } from './schema-type.ts';

/** One operation of the OpenAPI document. */
export interface Operation {
  /** `POST /v1/jobs`. */
  readonly name: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  /** Names in the path, in their order. */
  readonly ids: readonly string[];
  readonly query: readonly Parameter[];
  readonly headers: readonly Parameter[];
  readonly body: JsonSchema | undefined;
  /** Of each success that has something to say. */
  readonly answers: readonly JsonSchema[];
  /** Of each refusal. */
  readonly problems: readonly JsonSchema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

type Content = { readonly [mediaType: string]: { readonly schema: JsonSchema } };

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: { readonly [status: string]: { readonly content?: Content } };
}

interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Described } };
}

/** All operations of the document that the service serves, but HEAD. */
export async function readOperations(): Promise<Operation[]> {
  const { app, close } = await apiFixture();
  const document = (await app.inject('/openapi.json')).json<Document>();
  await close();
  const paths = withoutReferences(document.paths, document) as Document['paths'];
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(method.toUpperCase(), path, described)),
  );
  // HEAD is GET without its bytes (RFC 9110, 9.3.2).
  return operations.filter(({ method }) => method !== 'HEAD');
}

function operationOf(method: string, path: string, described: Described): Operation {
  const { parameters = [], requestBody, responses } = described;
  const contents = Object.values(responses).map(({ content }) => content);
  const schemas = (mediaType: string) =>
    contents.flatMap((content) => content?.[mediaType]?.schema ?? []) satisfies JsonSchema[];
  return {
    ...{ name: `${method} ${path}`, method, path },
    ids: [...path.matchAll(/\{(\w+)\}/g)].map(([, id = '']) => id),
    query: parameters.filter((parameter) => parameter.in === 'query'),
    headers: parameters.filter((parameter) => parameter.in === 'header'),
    body: requestBody?.content['application/json']?.schema,
    answers: [...schemas('application/json'), ...schemas('text/plain')],
    problems: schemas('application/problem+json'),
  };
}

/** Each reference replaced by what it refers to. Throws for one to nothing. */
function withoutReferences(part: unknown, document: object): unknown {
  if (Array.isArray(part)) return part.map((each) => withoutReferences(each, document));
  if (typeof part !== 'object' || part === null) return part;
  const { $ref: reference, ...rest } = part as { readonly $ref?: string };
  const fields = Object.entries({ ...(reference && referred(reference, document)), ...rest });
  return Object.fromEntries(fields.map(([name, value]) => [name, withoutReferences(value, document)]));
}

/** Such as `#/components/schemas/Job`. */
function referred(reference: string, document: object): object {
  const [, ...names] = reference.split('/');
  const found = names.reduce<unknown>((within, name) => Reflect.get(Object(within), name), document);
  if (typeof found === 'object' && found !== null) return found;
  throw new Error(`there is no ${reference}`);
}
