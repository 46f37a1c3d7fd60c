import { readdirSync, writeFileSync } from 'node:fs';
import { type ArchiveFiles, archiveOf } from '../../../../test/support/images/archive-files.ts';
import { dockerArchiveFiles } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociLayoutFiles } from '../../../../test/support/images/oci-layout.ts';
import { mutatedArchive } from '../../../../test/support/model/mutated-archive.ts';
import { mutatedTar } from '../../../../test/support/model/mutated-tar.ts';
import { Random } from '../../../../test/support/model/random.ts';
import { forSeeds } from '../../../../test/support/model/seeds.ts';
import { DimgxError, type ErrorCode } from '../../src/errors.ts';
import { openImage } from '../../src/source/open-image.ts';
import { flattenOpened } from '../flatten/flattened.ts';
import { openFilesBelow, type TestFolder, testFolder } from '../source/test-sources.ts';

/** What may be said of an archive that is not as it should be. */
const codes: readonly ErrorCode[] = [
  ...([
    'ARCHIVE_INVALID',
    'ARCHIVE_TRUNCATED',
    'MANIFEST_INVALID',
    'BLOB_MISSING',
    'DIGEST_MISMATCH',
  ] as const),
  ...([
    'IMAGE_NOT_FOUND',
    'IMAGE_AMBIGUOUS',
    'PLATFORM_NOT_FOUND',
    'LIMIT_EXCEEDED',
    'SYMLINK_LOOP',
  ] as const),
  // Layers of before docker 1.10 have no digest that would tell first.
  ...(['LAYER_INVALID', 'LAYER_TRUNCATED', 'WHITEOUT_INVALID', 'HARDLINK_INVALID'] as const),
  'COMPRESSION_INVALID',
];

const spec = {
  layers: [
    layer().file('a', 'one'),
    { tar: layer().whiteout('a').file('b'), compression: 'gzip' as const },
    layer().file('a', 'one'),
  ],
  tags: ['app:1', 'app:latest'],
};
const other = { layers: [layer().file('c')], tags: ['other:1'], platform: { architecture: 'arm64' } };
const archives: readonly [ArchiveFiles, ...ArchiveFiles[]] = [
  dockerArchiveFiles(spec, 'docker-1.10'),
  dockerArchiveFiles([spec, other], 'docker-1.10'),
  dockerArchiveFiles(spec, 'docker-25'),
  dockerArchiveFiles(spec, 'legacy'),
  ociLayoutFiles(spec),
  ociLayoutFiles({ index: [{ index: [spec, other] }], attestations: true }),
];

forSeeds('mutated archives are refused with a code, or read; nothing stays open', 5, async (seed) => {
  const folder = await foldersOfAll();
  const random = new Random(seed);
  const files = mutatedArchive(random.pick(archives), random, random.chance(0.7));
  const archive = random.chance(0.3) ? mutatedTar(archiveOf(files), random) : archiveOf(files);
  const path = `${folder.path}/image.tar`;
  writeFileSync(path, archive);
  const choice = random.pick(['', '', ':app:1', ':@0']);
  const reference = `${random.pick(['docker-archive', 'oci-archive'])}:${path}${choice}`;
  const began = performance.now();
  await openImage(reference, folder).then(flattenOpened).catch(expectCoded);
  if (performance.now() - began > 10_000) throw new Error('it took more than ten seconds');
  const left = [...openFilesBelow(folder), ...readdirSync(folder.spoolFolder)];
  if (left.length > 0) throw new Error(`left open: ${left.join(', ')}`);
});

let folders: Promise<TestFolder> | undefined;
function foldersOfAll(): Promise<TestFolder> {
  folders ??= testFolder();
  return folders;
}

function expectCoded(error: unknown): void {
  if (!(error instanceof DimgxError) || !codes.includes(error.code)) throw error;
  if (/\p{Cc}/u.test(error.message))
    throw new Error(`control characters in ${JSON.stringify(error.message)}`);
}
