import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { bytes, MIB, sha256, writeFrom } from '../support/stores/content.ts';
import { directoryFixture } from '../support/stores/directory-fixture.ts';
import { s3Fixture } from '../support/stores/s3-fixture.ts';
import type { StoreFixture } from '../support/stores/store-fixture.ts';

const script = fileURLToPath(new URL('../support/stores/unfinished-upload.ts', import.meta.url));
const key = 'repository/artifact.tar';

/** Kills a process in mid-upload. */
async function killUploader(fixture: StoreFixture): Promise<void> {
  const args = ['--conditions=dimgx-source', script, fixture.open().location, key];
  const uploader = spawn(process.execPath, [...args, JSON.stringify(fixture.settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(uploader, 'exit');
  await Promise.race([once(uploader.stdout, 'data'), exited]);
  await expect.poll(() => fixture.unfinished(), { timeout: 20_000 }).toHaveLength(1);
  uploader.kill('SIGKILL');
  expect((await exited)[1]).toBe('SIGKILL');
}

function describeKilledUpload(makeFixture: () => Promise<StoreFixture>): void {
  let fixture: StoreFixture;
  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.remove());

  test('leaves no object, and nothing at all once another process has done its work', async () => {
    await killUploader(fixture);
    expect(await fixture.keys()).toEqual([]);
    expect(await fixture.unfinished()).toHaveLength(1);

    const store = fixture.open();
    const { signal } = new AbortController();
    const content = bytes(12 * MIB);
    const upload = await store.upload(key, { mediaType: 'application/x-tar', signal });
    await writeFrom(upload, content);
    await upload.complete();

    expect(await fixture.unfinished()).toEqual([]);
    expect(await fixture.keys()).toEqual([key]);
    expect(await sha256(await store.stream(key, signal))).toBe(await sha256(content));
    await store.close();
  });
}

describe('an upload to a directory, killed', () => describeKilledUpload(directoryFixture));

needs('objectGateway')('an upload to S3, killed', () => describeKilledUpload(s3Fixture));
