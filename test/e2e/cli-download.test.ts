import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  dimgx,
  fault,
  killRemaining,
  type Outcome,
  type RunningCommand,
  startDimgx,
} from '../support/command/dimgx.ts';

const bytes = randomBytes(3_000_000);
const half = bytes.length / 2;
const sha256 = createHash('sha256').update(bytes).digest('hex');
const artifact = { size: bytes.length, sha256: `sha256:${sha256}`, compression: 'zstd' };
const resting = `.x.${sha256.slice(0, 12)}.partial`;

/** Stalls in the middle of a whole artifact while `stalls`: a real service does not when a test wants it. */
let stalls: boolean;
let ranges: (string | undefined)[];
const server = createServer(({ url, headers }, response) => {
  if (!url?.endsWith('/artifact')) {
    const job = { id: 'a', kind: 'flatten', state: 'completed', result: { artifact } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(job));
    return;
  }
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  ranges.push(headers.range);
  response.writeHead(start === 0 ? 200 : 206, { 'content-length': bytes.length - start });
  if (stalls && start === 0) response.write(bytes.subarray(0, half));
  else response.end(bytes.subarray(start));
});

let folder: string;
let address: string;
beforeEach(async () => {
  stalls = true;
  ranges = [];
  folder = await mkdtemp(join(tmpdir(), 'dimgx-download-'));
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  killRemaining();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const args = ['download', 'a', '-o', 'x'];
const options = () => ({ cwd: folder, env: { DIMGX_URL: address } });
const again = (): Promise<Outcome> => {
  stalls = false;
  return dimgx(args, options());
};

/** One that has half of the artifact. */
async function halfway(): Promise<RunningCommand> {
  const before = await readdir(folder);
  const command = startDimgx(args, options());
  await expect
    .poll(
      async () => {
        const [partial] = (await readdir(folder)).filter((name) => !before.includes(name));
        return partial === undefined ? 0 : (await stat(join(folder, partial))).size;
      },
      { timeout: 20_000 },
    )
    .toBe(half);
  return command;
}

async function expectComplete({ code, stdout, stderr }: Outcome): Promise<void> {
  expect({ code, told: stdout.toString() }, stderr).toEqual({ code: 0, told: 'x\n' });
  expect((await readFile(join(folder, 'x'))).equals(bytes)).toBe(true);
}

test('a download that was stopped says what it keeps, and the next goes on from there', async () => {
  const { child, outcome } = await halfway();
  child.kill('SIGINT');
  const { code, stderr } = await outcome;
  expect(code).toBe(130);
  expect(stderr).toBe(
    `1.50 MB of 3.00 MB are kept in ${folder}/${resting}; the same command goes on from there\n` +
      'dimgx: INTERRUPTED: stopped by SIGINT\n',
  );
  expect(await readdir(folder)).toEqual([resting]);
  const next = await again();
  await expectComplete(next);
  expect(next.stderr).toBe('goes on behind the 1.50 MB of 3.00 MB that an earlier run has left\n');
  // Whether it is there at all is asked before it is known that half of it is.
  expect(ranges.at(-1)).toBe(`bytes=${half}-`);
  expect(await readdir(folder)).toEqual(['x']);
});

test('a download that was killed is gone on with too', async () => {
  const { child, outcome } = await halfway();
  child.kill('SIGKILL');
  await outcome;
  await expectComplete(await again());
  expect(ranges.at(-1)).toBe(`bytes=${half}-`);
  expect(await readdir(folder)).toEqual(['x']);
});

test('of two at once each has a file of its own', async () => {
  const { child, outcome } = await halfway();
  await expectComplete(await again());
  expect(ranges).toEqual([undefined, undefined]);
  child.kill('SIGINT');
  expect((await outcome).code).toBe(130);
  expect((await readdir(folder)).sort()).toEqual([resting, 'x']);
});

test('what was kept and is wrong is removed', async () => {
  await writeFile(join(folder, resting), randomBytes(half));
  const outcome = await again();
  expect(fault(outcome)).toMatch(/^dimgx: DIGEST_MISMATCH: .*download it again/);
  expect(outcome.code).toBe(2);
  expect(await readdir(folder)).toEqual([]);
  await expectComplete(await again());
});

test('what was kept of another artifact is removed, and of another file is not', async () => {
  const others = ['.x.0123456789ab.partial', '.x.0123456789ab.999999999-1.partial'];
  for (const name of [...others, '.y.0123456789ab.partial', '.x.notes.partial']) {
    await writeFile(join(folder, name), 'other');
  }
  await expectComplete(await again());
  expect((await readdir(folder)).sort()).toEqual(['.x.notes.partial', '.y.0123456789ab.partial', 'x']);
});
