import { describe, expect, test } from 'vitest';
import { flattenReport, flattenReportSchema } from '../../src/store/flatten-report.ts';
import { dimgxVersion } from '../../src/version.ts';
import { flattenOutcome } from './flatten-outcome.ts';
import { imageDescription } from './image-description.ts';

const key = 'debian/0123456789ab/f.tar.zst';

describe('the report of a flatten', () => {
  test('says what was flattened and what came of it', () => {
    const image = imageDescription();
    const report = flattenReport({ image, outcome: flattenOutcome, key, durationMs: 1234 });
    expect(report).toEqual({
      image: {
        reference: 'docker-daemon:debian:12',
        digest: image.digest,
        configDigest: image.configDigest,
        platform: 'linux/amd64',
        repoTags: ['debian:12'],
      },
      layers: [
        { index: 2, id: 'layer-2', diffId: image.layers[2]?.diffId, size: 1002, createdBy: 'RUN step 2' },
        { index: 1, id: 'layer-1', diffId: image.layers[1]?.diffId, size: 1001 },
        { index: 0, id: 'layer-0', diffId: image.layers[0]?.diffId, size: 1000, createdBy: 'RUN step 0' },
      ],
      artifact: { key, ...flattenOutcome.tar },
      entries: flattenOutcome.entries,
      cached: false,
      durationMs: 1234,
      dimgxVersion,
    });
    expect(flattenReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  test('names the chosen layers, highest precedence first', () => {
    const options = { image: imageDescription(), outcome: flattenOutcome, key, durationMs: 1 };
    const indices = (layers: number[]) =>
      flattenReport({ ...options, layers }).layers.map(({ index }) => index);
    expect(indices([1, 2])).toEqual([2, 1]);
    expect(indices([2, 0])).toEqual([0, 2]);
  });
});
