import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { type PackageUser, packageUser } from '../support/packed-package.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();
const root = join(import.meta.dirname, '../..');

let user: PackageUser;
beforeAll(async () => {
  user = await packageUser('client');
});
afterAll(() => user?.remove());

/** In a process of its own, beside which the service goes on. */
async function node(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = { cwd: user.folder, env: { ...process.env, ...env } };
  return (await promisify(execFile)(process.execPath, [script, ...args], options)).stdout;
}

test('the package holds what was built, README.md and LICENSE, and no more', async () => {
  const others = user.packed.filter((path) => !/^dist\/.+\.(js|d\.ts)$/.test(path));
  expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(await readFile(join(root, 'packages/client/LICENSE'))).toEqual(
    await readFile(join(root, 'LICENSE')),
  );
});

test.each([
  ['Node', { types: ['node'], lib: ['es2022'], module: 'nodenext' }],
  ['browsers', { types: [], lib: ['es2022', 'dom'], module: 'nodenext' }],
  ['a bundler', { types: [], lib: ['es2022', 'dom'], module: 'esnext', moduleResolution: 'bundler' }],
])('its types hold in a project for %s', async (_where, choices) => {
  const { folder } = user;
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name)).catch(() => {
      // The other project's.
    });
  }
  await writeFile(
    join(folder, 'use.ts'),
    `import { DimgxClient, hasEnded, type Job, ServiceError } from '@dimgx/client';
     const dimgx = new DimgxClient();
     export async function flattened(image: string): Promise<string | undefined> {
       const job: Job = await dimgx.jobs.submit({ image, compression: { algorithm: 'gzip' } });
       const done = await dimgx.jobs.wait(job.id, { signal: AbortSignal.timeout(1000) });
       const { body } = await dimgx.jobs.artifact(job.id);
       await new Response(body).arrayBuffer();
       return done.kind === 'flatten' ? done.result.artifact.sha256 : done.result.layers[0]?.id;
     }
     export async function standing(id: string): Promise<string> {
       const job: Job = await dimgx.jobs.get(id);
       if (job.state === 'failed') return job.error.message;
       if (job.state === 'completed') return job.result.image.digest;
       return hasEnded(job) ? job.finishedAt : job.state === 'active' ? job.worker : job.createdAt;
     }
     export const ended = async (id: string): Promise<string> => (await dimgx.batches.wait(id)).finishedAt;
     export const isRefused = (error: unknown) => error instanceof ServiceError && error.code === 'SOURCE_REFUSED';
     // @ts-expect-error: there is no such field
     void dimgx.jobs.submit({ image: 'a', picture: 'b' });`,
  );
  const options = { strict: true, noEmit: true, target: 'es2022', skipLibCheck: false };
  const compilerOptions = { ...options, exactOptionalPropertyTypes: true, ...choices };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder, stdio: 'inherit' });
});

needs('redis')('the examples of its README.md', () => {
  let service: Service;
  let image: string;
  beforeAll(async () => {
    service = await startService({ folder: folders.own });
    image = join(service.images, 'app.tar');
    const layers = [layer().file('a', 'one'), layer().file('b', 'two')];
    await writeArchive(dockerArchiveFiles({ layers, tags: ['app:1'] }, 'docker-25'), image);
  });
  afterAll(() => service?.close());

  test('the first works as it stands', async () => {
    await writeFile(join(user.folder, 'example.mjs'), await user.example(0));
    const told = await node('example.mjs', [`docker-archive:${image}`], { DIMGX_URL: service.api.url });
    const [listed, artifact, ...progress] = told.trimEnd().split('\n').reverse();
    expect(listed).toMatch(/^[0-9a-f-]{36} completed docker-archive:/);
    const bytes = await readFile(join(user.folder, 'rootfs.tar.zst'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(artifact).toBe(`${bytes.length} bytes: sha256:${sha256}`);
    for (const line of progress) expect(line).toMatch(/^(resolve|fetch|plan|flatten|upload) \d+$/);
    expect((await readdir(user.folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('the second tells what is wrong with a request', async () => {
    const begin = `import { DimgxClient, ServiceError } from '@dimgx/client';
      const dimgx = new DimgxClient({ url: process.env.DIMGX_URL });\n`;
    const example = (await user.example(1)).replaceAll('console.error', 'console.log');
    await writeFile(join(user.folder, 'second.mjs'), `${begin}${example}`);
    expect(await node('second.mjs', [], { DIMGX_URL: service.api.url })).toMatch(/^\/layers\/0: /);
  });
});
