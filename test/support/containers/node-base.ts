import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { copyFile, cp, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandPath } from '../parts/command-path.ts';
import type { DockerCommand } from './docker-command.ts';

/** The Debian that the engine of the tests has been given along with the real images. */
const debian = 'dimgx-test/base:1';

const authorities = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Builds what stands in for a public Node image where none can be had: a Debian with the Node that runs this test and
 * this machine's npm, which reaches its registry as npm does here. `folder` must not exist.
 */
export async function buildNodeBase(docker: DockerCommand, reference: string, folder: string): Promise<void> {
  const root = join(folder, 'root');
  const modules = join(root, 'usr/local/lib/node_modules');
  for (const path of ['usr/local/bin', 'usr/local/etc', 'etc/ssl/certs']) {
    await mkdir(join(root, path), { recursive: true });
  }
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'), constants.COPYFILE_FICLONE);
  // The command is a link to bin/npm-cli.js of the package.
  const npm = await realpath(commandPath('npm') ?? 'npm');
  await cp(join(npm, '../..'), join(modules, 'npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  const settings = [`registry=${await registryOf(npm)}`];
  if (existsSync(authorities)) {
    await copyFile(authorities, join(root, authorities));
    settings.push(`cafile=${authorities}`);
  }
  await writeFile(join(root, 'usr/local/etc/npmrc'), `${settings.join('\n')}\n`);
  await writeFile(join(folder, 'Dockerfile'), `FROM ${debian}\nCOPY root /\n`);
  await docker.run('build', '--tag', reference, folder);
}

async function registryOf(npm: string): Promise<string> {
  // It would leave a cache in the temporary folder.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
  return (await promisify(execFile)(npm, ['config', 'get', 'registry'], { env })).stdout.trim();
}
