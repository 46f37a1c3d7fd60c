import { describe, expect, test } from 'vitest';
import { flattenReport } from '../../src/store/flatten-report.ts';
import { formatSidecar, parseSidecar } from '../../src/store/sidecar.ts';
import { flattenOutcome } from './flatten-outcome.ts';
import { imageDescription } from './image-description.ts';

const report = flattenReport({
  image: imageDescription(),
  outcome: flattenOutcome,
  key: 'a.tar',
  durationMs: 5,
});
const fingerprint = 'ab'.repeat(32);
const written = formatSidecar({ report, fingerprint });

describe('a sidecar', () => {
  test('is read as it was written', () => {
    expect(parseSidecar(written)).toEqual({ sidecar: { report, fingerprint } });
  });

  test('may say more than we know', () => {
    const document = { ...JSON.parse(written.toString()), later: 'field' };
    expect(parseSidecar(Buffer.from(JSON.stringify(document)))).toEqual({ sidecar: { report, fingerprint } });
  });

  test.each<[string, Buffer, string]>([
    ['empty', Buffer.alloc(0), 'it is not JSON'],
    ['cut off', written.subarray(0, -20), 'it is not JSON'],
    ['zeros', Buffer.alloc(written.byteLength), 'it is not JSON'],
    ['another document', Buffer.from('[]'), 'the document: '],
    ['without a size', edited((document) => delete document.artifact.size), 'artifact.size: '],
    ['with a negative size', edited((document) => (document.artifact.size = -1)), 'artifact.size: '],
    [
      'with a wrong digest',
      edited((document) => (document.artifact.sha256 = 'sha256:x')),
      'artifact.sha256: ',
    ],
    ['without its fingerprint', edited((document) => delete document.fingerprint), 'fingerprint: '],
  ])('%s is none, and says why', (_, bytes, fault) => {
    expect(parseSidecar(bytes)).toEqual({ fault: expect.stringContaining(fault) });
  });
});

interface Editable {
  artifact: { size?: unknown; sha256?: unknown };
  fingerprint?: unknown;
}

function edited(edit: (document: Editable) => unknown): Buffer {
  const document = JSON.parse(written.toString()) as Editable;
  edit(document);
  return Buffer.from(JSON.stringify(document));
}
