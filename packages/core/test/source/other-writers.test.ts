import { expect, test } from 'vitest';
import { type ArchiveFiles, archiveOf, json } from '../../../../test/support/images/archive-files.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { imageManifest, ociManifestType } from '../../../../test/support/images/oci-manifest.ts';
import { hexOf, sha256, testImage } from '../../../../test/support/images/test-image.ts';
import { openImage } from '../../src/source/open-image.ts';
import { flattenOpened, listing } from '../flatten/flattened.ts';
import { testFolder, written } from './test-sources.ts';

const below = layer().directory('./').directory('./d').file('./d/a', 'one').file('./b', 'two');
const above = layer().whiteout('./b').file('./d/a', 'new');
const image = testImage({ layers: [below, above] });
const zipped = testImage({
  layers: [below, above].map((tar) => ({ tar, compression: 'gzip' as const })),
});
const config = hexOf(image.configDigest);
const tag = 'example.com/team/app:1';

type Files = [string, Buffer | { readonly symlink: string }][];
const nothing = Buffer.alloc(0);

function manifest(Config: string, Layers: readonly string[], more: object = {}): Buffer {
  return json([{ Config, RepoTags: [tag], Layers, ...more }]);
}

/** Its folders have ids of their own, and the layers' files beside them. */
function podman(): Files {
  const files: Files = image.layers.flatMap(({ tar, diffId }, index): Files => {
    const folder = hexOf(sha256(`folder ${index}`));
    return [
      [`${hexOf(diffId)}.tar`, tar],
      [`${folder}/VERSION`, Buffer.from('1.0')],
      [`${folder}/layer.tar`, { symlink: `../${hexOf(diffId)}.tar` }],
      [`${folder}/json`, json({ id: folder })],
    ];
  });
  const layers = image.layers.map(({ diffId }) => `${hexOf(diffId)}.tar`);
  return [
    ...files,
    [`${config}.json`, image.config],
    ['repositories', json({ 'example.com/team/app': { 1: hexOf(sha256('folder 1')) } })],
    ['manifest.json', manifest(`${config}.json`, layers)],
  ];
}

/** Its parents stand in the documents of the old form, and the manifest before the layers. */
function nix(): Files {
  const folders = image.layers.map((_, index) => hexOf(sha256(`folder ${index}`)));
  return [
    ['./', nothing],
    [`./${config}.json`, image.config],
    [
      './manifest.json',
      manifest(
        `${config}.json`,
        folders.map((folder) => `${folder}/layer.tar`),
      ),
    ],
    ['./repositories', json({ 'example.com/team/app': { 1: folders[1] } })],
    ...image.layers.flatMap(
      ({ tar }, index): Files => [
        [`./${folders[index]}/`, nothing],
        [`./${folders[index]}/layer.tar`, tar],
        [`./${folders[index]}/json`, json({ id: folders[index], parent: folders[index - 1] })],
        [`./${folders[index]}/VERSION`, Buffer.from('1.0')],
      ],
    ),
  ];
}

const zippedNames = zipped.layers.map(({ digest }) => `${hexOf(digest)}.tar.gz`);
const zippedFiles: Files = zipped.layers.map(({ blob }, index) => [zippedNames[index], blob]);

/** An OCI layout with a `manifest.json`, of compressed layers. */
function buildkit(): Files {
  const stored = imageManifest(zipped);
  const descriptor = { mediaType: ociManifestType, digest: sha256(stored), size: stored.length };
  const annotations = {
    'io.containerd.image.name': tag,
    'org.opencontainers.image.created': '2024-01-01T00:00:00Z',
    'org.opencontainers.image.ref.name': '1',
  };
  const blob = (digest: string) => `blobs/sha256/${hexOf(digest)}`;
  return [
    ['blobs/', nothing],
    ['blobs/sha256/', nothing],
    ...zipped.layers.map(({ digest, blob: bytes }): Files[number] => [blob(digest), bytes]),
    [blob(image.configDigest), image.config],
    [blob(descriptor.digest), stored],
    ['index.json', json({ schemaVersion: 2, manifests: [{ ...descriptor, annotations }] })],
    [
      'manifest.json',
      manifest(
        blob(image.configDigest),
        zipped.layers.map(({ digest }) => blob(digest)),
      ),
    ],
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
  ];
}

/** The files in their order. */
const writers: Record<string, Files> = {
  'crane, ko and kaniko': [
    [image.configDigest, image.config],
    ...zippedFiles,
    ['manifest.json', manifest(image.configDigest, zippedNames)],
  ],
  jib: [
    ...zippedFiles,
    ['config.json', image.config],
    ['manifest.json', manifest('config.json', zippedNames)],
  ],
  "Bazel's rules_docker": [
    [`${config}.json`, image.config],
    ...image.layers.map(({ tar, diffId }): Files[number] => [`${hexOf(diffId)}/layer.tar`, tar]),
    [
      'manifest.json',
      manifest(
        `${config}.json`,
        image.layers.map(({ diffId }) => `${hexOf(diffId)}/layer.tar`),
        { Parent: '' },
      ),
    ],
    ['repositories', json({ 'example.com/team/app': { 1: hexOf(image.layers[1].diffId) } })],
  ],
  "Bazel's rules_oci": [
    [`blobs/sha256/${config}`, image.config],
    ...zipped.layers.map(({ blob }, index): Files[number] => [`blobs/sha256/${zippedNames[index]}`, blob]),
    [
      'manifest.json',
      manifest(
        `blobs/sha256/${config}`,
        zippedNames.map((name) => `blobs/sha256/${name}`),
      ),
    ],
  ],
  'podman, buildah and skopeo': podman(),
  "Nix's dockerTools": nix(),
  "BuildKit's docker exporter": buildkit(),
  'a tool whose list of repositories is empty': [
    ...podman().filter(([name]) => name !== 'repositories'),
    ['repositories', json({})],
  ],
};

test.each(Object.entries(writers))('an archive as it is written by %s', async (_, files) => {
  for (const ordered of [files, files.toReversed()]) {
    const folder = await testFolder();
    const file = await written(folder, archiveOf(new Map(ordered) satisfies ArchiveFiles));
    const opened = await openImage(`docker-archive:${file}:${tag}`, folder);
    expect(opened.description).toMatchObject({ configDigest: image.configDigest, repoTags: [tag] });
    const { tar } = await flattenOpened(opened);
    expect(await listing(tar, ['new'])).toEqual(['d/', 'd/a: new']);
  }
});
