import { tmpdir } from 'node:os';
import { DimgxError } from '../errors.ts';
import type { Image, ImageDescription } from '../image/image.ts';
import { fullName, type ImageName } from '../image/image-name.ts';
import { type ImageReference, parseImageReference } from '../image/reference.ts';
import { archiveSource, ociFolderSource, stdinSource } from './archive-source.ts';
import { quoted } from './content.ts';
import { DockerDaemonSource } from './docker-daemon.ts';
import { PlainNameSource } from './plain-name.ts';
import type { Source, SourceOptions } from './source.ts';

/**
 * The options of a source. What is not given: no signal, the system's folder for temporary files, the environment's
 * `DOCKER_HOST`, no pull.
 */
export type OpenOptions = Partial<SourceOptions>;

/** Reads an image reference, as in containers-transports(5). Throws `REFERENCE_INVALID`. */
export function parseReference(text: string): ImageReference {
  const parsed = parseImageReference(text);
  if ('reference' in parsed) return parsed.reference;
  throw new DimgxError('REFERENCE_INVALID', `${quoted(text)} is no image reference: ${parsed.fault}`);
}

/**
 * Where the image of a reference comes from. Nothing is opened yet; whoever gets it closes it.
 *
 * Throws `SOURCE_UNSUPPORTED` for a registry, `CONFIG_INVALID` for a Docker host that can't be understood.
 */
export function sourceFor(reference: ImageReference, options: SourceOptions): Source {
  switch (reference.transport) {
    case 'docker-daemon':
      return new DockerDaemonSource(reference.image, options);
    case 'plain':
      return new PlainNameSource(reference.image, options);
    case 'docker-archive':
    case 'oci-archive':
      return archiveSource(reference, options);
    case 'oci':
      return ociFolderSource(reference, options);
    case 'stdin':
      return stdinSource(options);
    case 'docker':
      throw unsupported(reference.name);
  }
}

/** For whoever takes a reference that another process will open. Throws `SOURCE_UNSUPPORTED` for what no source reads. */
export function checkTransport(reference: ImageReference): void {
  if (reference.transport === 'docker') throw unsupported(reference.name);
}

function unsupported(name: ImageName): DimgxError {
  const instead = `name it docker-daemon:${fullName(name)}`;
  const pulled = 'once docker pull has fetched it; a job has its engine pull what is missing';
  return new DimgxError('SOURCE_UNSUPPORTED', `registries can't be read directly: ${instead}, ${pulled}`);
}

/**
 * Opens an image: `docker-daemon:NAME`, `docker-archive:FILE`, … The caller closes it.
 *
 * Throws `REFERENCE_INVALID`, `SOURCE_UNSUPPORTED`, and what the source throws: `ARCHIVE_NOT_FOUND`,
 * `IMAGE_AMBIGUOUS`, `DOCKER_UNREACHABLE`, …
 */
export async function openImage(
  reference: string | ImageReference,
  options: OpenOptions = {},
): Promise<Image> {
  const source = sourceOf(reference, options);
  try {
    return await source.open();
  } finally {
    await source.close();
  }
}

/** Describes an image without its content: from a Docker engine without having it saved. Throws as `openImage`. */
export async function describeImage(
  reference: string | ImageReference,
  options: OpenOptions = {},
): Promise<ImageDescription> {
  const source = sourceOf(reference, options);
  try {
    return await source.describe();
  } finally {
    await source.close();
  }
}

function sourceOf(reference: string | ImageReference, options: OpenOptions): Source {
  return sourceFor(typeof reference === 'string' ? parseReference(reference) : reference, {
    signal: new AbortController().signal,
    spoolFolder: tmpdir(),
    dockerHost: process.env.DOCKER_HOST,
    ...options,
  });
}
