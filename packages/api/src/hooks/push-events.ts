import { type Push, type PushEvent, pushSchema } from '@dimgx/queue';
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

/** Those of them that push a tag, and why others that name one do not. Without a tag it is the image of an index. */
export function pushesIn(told: readonly ToldPush[]): Extract<Notice, { kind: 'pushes' }> {
  const read = told.filter(({ tag }) => tag).map(eventOf);
  return {
    kind: 'pushes',
    events: read.filter((each) => typeof each !== 'string'),
    ignored: read.filter((each) => typeof each === 'string'),
  };
}

function eventOf({ registry, repository, tag, digest, id, at }: ToldPush): PushEvent | string {
  const push = {
    ...(registry !== undefined && { registry: registry.toLowerCase() }),
    repository: repository.toLowerCase(),
    tag,
    ...(digest && { digest }),
  };
  const parsed = pushSchema.safeParse(push);
  if (parsed.success) return { push: parsed.data, id, at: millisecondsOf(at) };
  const [field] = parsed.error.issues[0]?.path ?? [];
  const name = field as keyof typeof push;
  return `${JSON.stringify(push[name]?.slice(0, 200))} is ${forms[name]}`;
}

const forms: Record<keyof Push, string> = {
  ...{ registry: 'no host of a registry', repository: 'no name of a repository' },
  ...{ tag: 'no tag', digest: 'no sha256 digest' },
};

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
