import { type ArchiveFiles, archiveOf } from '../../../../test/support/images/archive-files.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { type OciContent, ociArchive } from '../../../../test/support/images/oci-layout.ts';
import { type ImageSpec, testImage } from '../../../../test/support/images/test-image.ts';
import { parsePlatform } from '../../src/image/platform.ts';
import type { OpenOptions } from '../../src/source/open-image.ts';
import { opened, testFolder, written } from './test-sources.ts';

/** Images that differ in what they are for alone. */
export const forArchitecture = (architecture: string, variant?: string): ImageSpec => ({
  layers: [layer().file('architecture', `${architecture}/${variant}`)],
  platform: { architecture, ...(variant === undefined ? {} : { variant }) },
});
export const amd64 = forArchitecture('amd64');
export const arm64 = forArchitecture('arm64');
export const s390x = forArchitecture('s390x');
/** Of its only layer. */
export const tarOf = (spec: ImageSpec) => testImage(spec).layers[0].tar;

export interface Asked {
  readonly platform?: string;
  readonly choice?: string;
}

/** The image that is asked for, of an archive of this. */
export async function openedOci(
  content: OciContent | readonly OciContent[] | ArchiveFiles,
  { platform, choice }: Asked = {},
) {
  const folder = await testFolder();
  const bytes = content instanceof Map ? archiveOf(content) : ociArchive(content);
  const file = await written(folder, bytes);
  const options: OpenOptions = {
    ...folder,
    platform: platform === undefined ? undefined : parsePlatform(platform),
  };
  return opened(`oci-archive:${file}${choice === undefined ? '' : `:${choice}`}`, options);
}
