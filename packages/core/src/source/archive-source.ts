import type { ImageReference } from '../image/reference.ts';
import { ArchiveContent } from './archive-content.ts';
import { type ArchiveFile, openArchiveFile, openArchiveOnStdin } from './archive-file.ts';
import { OciFolder } from './oci-folder.ts';
import type { ReadingBounds, Source, SourceOptions } from './source.ts';
import { type OpenedContent, StoredImageSource } from './stored-image-source.ts';

type Reference<T extends ImageReference['transport']> = Extract<ImageReference, { transport: T }>;

/** `docker-archive:` and `oci-archive:`; either reads what the other writes. */
export function archiveSource(
  reference: Reference<'docker-archive' | 'oci-archive'>,
  options: SourceOptions,
): Source {
  const { transport, file } = reference;
  return new StoredImageSource(
    {
      reference,
      first: transport === 'docker-archive' ? 'docker' : 'oci',
      open: async () => scanned(await openArchiveFile(file, options), options),
    },
    options,
  );
}

/** `-`, an archive on stdin, which is opened, and consumed if it is a stream, at the first use. */
export function stdinSource(options: SourceOptions, open = openArchiveOnStdin): Source {
  return new StoredImageSource(
    {
      reference: { transport: 'stdin' },
      first: 'docker',
      open: async () => scanned(await open(options), options),
    },
    options,
  );
}

/** `oci:`, a layout in a folder. */
export function ociFolderSource(reference: Reference<'oci'>, options: SourceOptions): Source {
  const { folder } = reference;
  return new StoredImageSource(
    {
      reference,
      first: 'oci',
      open: async () => {
        const content = await OciFolder.open(folder);
        return { content, release: content.hold() };
      },
    },
    options,
  );
}

async function scanned(archive: ArchiveFile, bounds: ReadingBounds): Promise<OpenedContent> {
  try {
    return { content: await ArchiveContent.scan(archive, bounds), release: archive.release };
  } catch (error) {
    await archive.release();
    throw error;
  }
}
