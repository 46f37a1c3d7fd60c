import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const documentSchema = z.looseObject({
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

type Schemas = z.output<typeof documentSchema>['components']['schemas'];

const prefix = '#/components/schemas/';
/** How fastify-type-provider-zod names the form of a schema that is sent: without what defaults fill in. */
const sent = 'Input';
const ofObjects = ['type', 'properties', 'required', 'additionalProperties'];

/**
 * fastify-type-provider-zod describes each named schema twice, as it is sent and as it is given. Leaves those that the
 * document refers to, and what is sent without the end of its name where nothing else bears that name.
 */
export function onlyUsedSchemas(whole: object): object {
  const document = documentSchema.parse(whole);
  const { schemas } = document.components;
  const used = usedBy({ ...document, components: undefined }, schemas);
  const renamed = new Map(
    [...used].map((name) => {
      const plain = name.endsWith(sent) ? name.slice(0, -sent.length) : name;
      const isFree = !used.has(plain) || isDeepStrictEqual(schemas[plain], schemas[name]);
      return [name, isFree ? plain : name];
    }),
  );
  const kept = [...renamed].map(([name, as]) => [as, schemas[name]] as const);
  const sorted = kept.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const left = { ...document, components: { ...document.components, schemas: Object.fromEntries(sorted) } };
  return JSON.parse(JSON.stringify(left), (_, value) => {
    if (!isReference(value)) return value;
    // Beside a reference to an object that is only refined, zod may repeat the object.
    const rest = Object.entries(value).filter(([key]) => !ofObjects.includes(key));
    return { ...Object.fromEntries(rest), $ref: prefix + renamed.get(nameIn(value.$ref)) };
  });
}

/** Names of the schemas that a part of the document refers to, by way of others too. */
function usedBy(part: unknown, schemas: Schemas, used = new Set<string>()): Set<string> {
  if (typeof part !== 'object' || part === null) return used;
  if (isReference(part)) {
    const name = nameIn(part.$ref);
    if (!used.has(name)) usedBy(schemas[name], schemas, used.add(name));
  }
  for (const each of Object.values(part)) usedBy(each, schemas, used);
  return used;
}

interface Reference extends Readonly<Record<string, unknown>> {
  readonly $ref: string;
}

function isReference(part: unknown): part is Reference {
  return typeof part === 'object' && part !== null && '$ref' in part && typeof part.$ref === 'string';
}

function nameIn(reference: string): string {
  return reference.slice(prefix.length);
}
