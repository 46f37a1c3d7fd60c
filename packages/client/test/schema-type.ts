/** As far as our documents go. */
export interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
}

const plain: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** The TypeScript type that a schema describes. Throws for what it does not know. */
export function typeOf(schema: JsonSchema): string {
  const { type, anyOf, oneOf, items } = schema;
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return choices.map((choice) => `(${typeOf(choice)})`).join(' | ');
  if (type === 'array') return `readonly (${typeOf(items ?? {})})[]`;
  if (type === 'object') return objectType(schema);
  if (type !== undefined && plain[type] !== undefined) return plain[type];
  // Any JSON, such as what a client passes through.
  if (Object.keys(schema).every((name) => name === 'description')) return 'unknown';
  throw new Error(`what type is ${JSON.stringify(schema)}?`);
}

function objectType({ properties = {}, required = [], additionalProperties = false }: JsonSchema): string {
  const isLoose = Object.keys(properties).length > 0 && typeof additionalProperties === 'object';
  // The report of an inspect job, which the document leaves open; contract-types.ts holds it to the engine's.
  if (isLoose) return 'ImageReport';
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  if (typeof additionalProperties === 'object')
    fields.push(`[name: string]: ${typeOf(additionalProperties)}`);
  return `{ ${fields.join('; ')} }`;
}

/** What holds for each of several objects: a field that one of them lacks is one that may be missing. */
export function merged(schemas: readonly JsonSchema[]): JsonSchema {
  const properties = Object.assign({}, ...schemas.map((schema) => schema.properties));
  const isInAll = (name: string) => schemas.every(({ required = [] }) => required.includes(name));
  return { ...schemas[0], properties, required: Object.keys(properties).filter(isInAll) };
}
