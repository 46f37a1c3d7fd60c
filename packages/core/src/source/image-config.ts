import { z } from 'zod';
import { type DiffId, isDiffId } from '../image/digest.ts';
import type { ExecutionConfig, HistoryLine } from '../image/image.ts';
import type { Platform } from '../image/platform.ts';
import { parseDocument } from './json-document.ts';

/** What an image's config says, in the project's words. OCI config.md; Docker's differs only in fields not read here. */
export interface ImageConfig {
  readonly platform: Platform;
  readonly created?: string;
  readonly execution: ExecutionConfig;
  readonly history: readonly HistoryLine[];
  /** Oldest first. */
  readonly diffIds: readonly DiffId[];
}

const text = z.string().nullish();
/** Docker wrote single words for lists once. */
const words = z.union([z.array(z.string()), z.string().transform((word) => [word])]).nullish();
const names = z.record(z.string(), z.unknown()).nullish();

export const executionSchema = z
  .object({
    User: text,
    Env: z.array(z.string()).nullish(),
    Entrypoint: words,
    Cmd: words,
    WorkingDir: text,
    Labels: z.record(z.string(), z.string()).nullish(),
    ExposedPorts: names,
    Volumes: names,
    StopSignal: text,
  })
  .nullish();

const historySchema = z.object({
  created: text,
  created_by: text,
  comment: text,
  author: text,
  empty_layer: z.boolean().nullish(),
});

const configSchema = z.object({
  os: text,
  architecture: text,
  variant: text,
  created: text,
  config: executionSchema,
  history: z.array(historySchema).nullish(),
  rootfs: z.object({
    diff_ids: z.array(z.string().refine(isDiffId, 'a diff id is sha256: and 64 hex digits')).nullish(),
  }),
});

/** Reads the config; `what` names it in the error, `MANIFEST_INVALID`. */
export function parseImageConfig(bytes: Uint8Array, what: string): ImageConfig {
  const config = parseDocument(bytes, configSchema, what);
  return {
    platform: platformOf(config),
    ...given({ created: config.created }),
    execution: executionOf(config.config),
    history: (config.history ?? []).map(({ created, created_by, comment, author, empty_layer }) => ({
      ...given({ created, createdBy: created_by, comment, author }),
      emptyLayer: empty_layer ?? false,
    })),
    diffIds: config.rootfs.diff_ids ?? [],
  };
}

/** Images from before the fields were are Linux's on amd64. */
export function platformOf(config: {
  os?: string | null | undefined;
  architecture?: string | null | undefined;
  variant?: string | null | undefined;
}): Platform {
  return {
    os: config.os || 'linux',
    architecture: config.architecture || 'amd64',
    ...given({ variant: config.variant }),
  };
}

export function executionOf(config: z.infer<typeof executionSchema>): ExecutionConfig {
  return {
    ...given({ user: config?.User, workingDir: config?.WorkingDir, stopSignal: config?.StopSignal }),
    env: config?.Env ?? [],
    entrypoint: config?.Entrypoint ?? [],
    cmd: config?.Cmd ?? [],
    labels: config?.Labels ?? {},
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}).sort(),
    volumes: Object.keys(config?.Volumes ?? {}).sort(),
  };
}

/** The texts that say something: Docker writes empty ones for what is not set. */
export function given<K extends string>(
  texts: Record<K, string | null | undefined>,
): { readonly [P in K]?: string } {
  const entries = Object.entries<string | null | undefined>(texts).filter(([, value]) => Boolean(value));
  return Object.fromEntries(entries) as { [P in K]?: string };
}
