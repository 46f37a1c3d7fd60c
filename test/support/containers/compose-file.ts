import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const environmentSchema = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));

/** What our files say of a service: a key that is not known here makes a test look at it again. */
const serviceSchema = z.strictObject({
  image: z.string(),
  pull_policy: z.literal('build').optional(),
  build: z.strictObject({ context: z.string(), args: z.record(z.string(), z.string()) }).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: environmentSchema.default({}),
  user: z.string().optional(),
  group_add: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  init: z.boolean().default(false),
  tmpfs: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  restart: z.string().default('no'),
  stop_grace_period: z.string().default('10s'),
  logging: z.unknown(),
});

const overrideSchema = serviceSchema.partial();

export type ComposeService = z.output<typeof serviceSchema>;

const fileSchema = z.looseObject({ services: z.record(z.string(), z.unknown()) });

/** The text of a file at the root of the repository. */
export function rootFile(name: string): string {
  return readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
}

/** The services of `docker-compose.yml` as Compose sees them with these variables. */
export function composeServices(variables: Readonly<Record<string, string>>): Record<string, ComposeService> {
  const { services } = fileSchema.parse(parsed('docker-compose.yml', variables));
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, serviceSchema.parse(service)]),
  );
}

/** What `docker-compose.socket-proxy.yml` says; where it adds to a service, what it adds. */
export function overriddenServices(
  variables: Readonly<Record<string, string>>,
): Record<string, z.output<typeof overrideSchema>> {
  const { services } = fileSchema.parse(parsed('docker-compose.socket-proxy.yml', variables));
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, overrideSchema.parse(service)]),
  );
}

function parsed(name: string, variables: Readonly<Record<string, string>>): unknown {
  // Compose's own tag `!override` would be warned of.
  return parse(interpolated(rootFile(name), variables), { merge: true, logLevel: 'error' });
}

/** A reference to a variable as our files write it: required with a hint, or with a default. */
export const variablePattern = /\$\{(\w+):([-?])([^}]*)\}/g;

/** Replaces `${NAME:-default}` and `${NAME:?hint}` as Compose does, and `$$` by `$`. */
function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  const filled = text.replace(variablePattern, (_, name: string, sign: string, rest: string) => {
    const value = variables[name] ?? '';
    if (value !== '') return value;
    if (sign === '?') throw new Error(`required variable ${name} is missing a value: ${rest}`);
    return rest;
  });
  return filled.replaceAll('$$', () => '$');
}
