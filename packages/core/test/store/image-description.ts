import { chainIds, type DiffId, digestOf } from '../../src/image/digest.ts';
import type { ImageDescription } from '../../src/image/image.ts';

/** An image of three layers; what a test does not say of it is always the same. */
export function imageDescription(given: Partial<ImageDescription> = {}): ImageDescription {
  const diffIds = ['oldest', 'middle', 'newest'].map((text) => digestOf(text) as DiffId);
  return {
    reference: 'docker-daemon:debian:12',
    digest: digestOf('manifest'),
    configDigest: digestOf('config'),
    platform: { os: 'linux', architecture: 'amd64' },
    repoTags: ['debian:12'],
    config: { env: [], entrypoint: [], cmd: [], labels: {}, exposedPorts: [], volumes: [] },
    history: [],
    layers: chainIds(diffIds).map((chainId, index) => ({
      index,
      id: `layer-${index}`,
      diffId: diffIds[index] ?? (digestOf('') as DiffId),
      chainId,
      size: 1000 + index,
      ...(index === 1 ? {} : { createdBy: `RUN step ${index}` }),
      tags: [],
    })),
    ...given,
  };
}
