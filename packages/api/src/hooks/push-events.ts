import { type PushEvent, pushSchema } from '@dimgx/queue';
import type { Notice } from './hook.ts';

/** A push as a sender puts it: perhaps of no tag, or of what is no image. */
export interface ToldPush {
  readonly registry?: string | undefined;
  readonly repository: string;
  readonly tag?: string | null | undefined;
  readonly digest?: string | null | undefined;
  /** Names the event; left out where nothing does. */
  readonly id?: string | undefined;
  /** RFC 3339, or seconds since 1970. */
  readonly at?: string | number | undefined;
}

/** Those of them that push a tag. */
export function pushesIn(told: readonly ToldPush[]): Notice {
  return { kind: 'pushes', events: told.flatMap(eventOf) };
}

function eventOf({ registry, repository, tag, digest, id, at }: ToldPush): PushEvent[] {
  const parsed = pushSchema.safeParse({
    ...(registry !== undefined && { registry: registry.toLowerCase() }),
    repository: repository.toLowerCase(),
    tag,
    ...(digest && { digest }),
  });
  return parsed.success ? [{ push: parsed.data, id, at: millisecondsOf(at) }] : [];
}

function millisecondsOf(at: string | number | undefined): number | undefined {
  const milliseconds = typeof at === 'number' ? at * 1000 : Date.parse(at ?? '');
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

const manifests: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

/** Whether it is an image that was pushed; registries tell of blobs too. */
export function isManifest(mediaType: string | undefined): boolean {
  return mediaType !== undefined && manifests.includes(mediaType);
}

/** The host of a URL, or of a name such as `registry.example:5000/team/app:1`. */
export function hostIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const host = (URL.canParse(text) ? new URL(text).host : '') || text.split('/', 1)[0];
  return host === '' ? undefined : host;
}
