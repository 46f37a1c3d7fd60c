import { chainIds, type DiffId, digestHex, digestOf } from '../../src/image/digest.ts';
import type { ImageDescription, LayerDescription } from '../../src/image/image.ts';

interface TestLayer {
  readonly diffId: string;
  readonly id?: string;
  readonly otherIds?: readonly string[];
  readonly size?: number;
  readonly tags?: readonly string[];
}

/** A digest that begins as a test wants it to. */
export function digestLike(start: string): string {
  return `sha256:${start.padEnd(64, '0')}`;
}

/** The description of an image of such layers, oldest first; the newest is named by the image's id. */
export function described(layers: readonly TestLayer[], imageId = digestLike('f00d')): ImageDescription {
  const digest = digestOf('manifest');
  const chain = chainIds(layers.map(({ diffId }) => diffId as DiffId));
  return {
    reference: 'test',
    digest,
    configDigest: imageId as typeof digest,
    platform: { os: 'linux', architecture: 'amd64' },
    repoTags: ['app:1'],
    created: '2020-01-02T03:04:05Z',
    config: { env: ['A=b'], entrypoint: [], cmd: ['sh'], labels: {}, exposedPorts: [], volumes: [] },
    history: [],
    layers: layers.map(({ diffId, id, otherIds, size = 1, tags = [] }, index): LayerDescription => {
      const own = id ?? digestHex(index === layers.length - 1 ? (imageId as typeof digest) : chain[index]);
      return {
        index,
        id: own,
        diffId: diffId as DiffId,
        chainId: chain[index],
        size,
        tags,
        ...(otherIds && { otherIds }),
      };
    }),
  };
}
