import { z } from 'zod';

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';

/** Distribution's grammar of names: what is put into a template can't change its form. */
const repository = z
  .string()
  .max(255)
  .regex(new RegExp(`^${component}(?:/${component})*$`));
const tag = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const registry = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9.-]+(?::[0-9]{1,5})?$/);

/** A tag that was pushed to a registry. */
export const pushSchema = z.object({
  /** The registry's host, perhaps with a port, as its sender names it. */
  registry: registry.optional(),
  repository,
  tag,
  digest: digest.optional(),
});

export type Push = z.output<typeof pushSchema>;

/** A push as its registry tells it. */
export interface PushEvent {
  readonly push: Push;
  /** Names the event, the same when it is told again; undefined where nothing does. */
  readonly id: string | undefined;
  /** When it happened; ms, undefined if it is not told. */
  readonly at: number | undefined;
}
