import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DimgxError } from '@dimgx/core';
import { writeDockerArchive } from './docker-archive.ts';
import { FileTree } from './file-tree.ts';
import { LayerWriter, type WrittenLayer } from './layer-writer.ts';

export const demoImageName = 'dimgx/demo:latest';

/** Real packages, some of those that this project runs on. */
const packages = ['bullmq', 'ioredis', 'fastify', '@fastify', 'zod', 'pino', 'luxon', 'ajv'];

export interface DemoImage {
  readonly file: string;
  readonly layers: readonly WrittenLayer[];
  /** What its root filesystem must be, by an account of its own. */
  readonly tree: FileTree;
}

interface Recipe {
  readonly createdBy: string;
  write(layer: LayerWriter): Promise<void>;
}

/**
 * Assembles an image out of files at hand, the Node runtime and this project's packages, so that none has to be
 * fetched. Its layers do what layers do in practice: replace, remove, empty, link and change types. The same files
 * make the same image.
 */
export async function assembleDemoImage(folder: string, signal: AbortSignal): Promise<DemoImage> {
  const tree = new FileTree();
  const layers: WrittenLayer[] = [];
  for (const { createdBy, write } of recipes(await modulesFolder())) {
    const file = join(folder, `layer-${layers.length}.tar`);
    const writer = new LayerWriter(tree, { file, createdBy }, signal);
    await write(writer);
    layers.push(await writer.finish());
  }
  const file = join(folder, 'demo.tar');
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  await writeDockerArchive(file, { name: demoImageName, architecture, layers }, signal);
  return { file, layers, tree };
}

function recipes(modules: string): Recipe[] {
  const runtime = process.execPath;
  const app = 'opt/app';
  return [
    {
      createdBy: 'ADD runtime / # base',
      async write(layer) {
        for (const path of ['etc', 'opt', 'usr', 'usr/bin', 'usr/share', 'usr/share/doc', 'var', 'var/log']) {
          await layer.directory(path);
        }
        await layer.directory('root', 0o700);
        await layer.directory('tmp', 0o1777);
        await layer.symlink('bin', 'usr/bin');
        await layer.text('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/opt/app:/bin/sh\n');
        await layer.text('etc/os-release', 'ID=dimgx-demo\nVERSION_ID=1\n');
        await layer.file('usr/bin/node', runtime);
        await layer.hardLink('usr/bin/nodejs', 'usr/bin/node');
        const headers = join(dirname(runtime), '../include');
        if (await exists(headers)) await layer.folder('usr/include', headers);
        else await layer.directory('usr/include');
      },
    },
    {
      createdBy: 'COPY node_modules /opt/app/node_modules',
      async write(layer) {
        await layer.directory(app);
        await layer.directory(`${app}/node_modules`);
        for (const name of packages) await layer.folder(`${app}/node_modules/${name}`, join(modules, name));
        await layer.text(`${app}/start.js`, "import('bullmq');\n");
        await layer.text(`${app}/config`, 'level=debug\n');
        await layer.symlink(`${app}/current`, 'node_modules');
      },
    },
    {
      createdBy: 'RUN rm -rf /usr/include /opt/app/node_modules/*/README.md # slim',
      async write(layer) {
        await layer.remove('usr/include');
        for (const name of packages) {
          const path = `${app}/node_modules/${name}/README.md`;
          if (await exists(join(modules, name, 'README.md'))) await layer.remove(path);
        }
        await layer.emptied(`${app}/node_modules/luxon`);
        await layer.file(`${app}/node_modules/luxon/package.json`, join(modules, 'luxon/package.json'));
        // A file becomes a directory, and a directory a link.
        await layer.directory(`${app}/config`);
        await layer.text(`${app}/config/production`, 'level=info\n', 0o600);
        await layer.symlink('var/log', '../tmp');
      },
    },
    {
      createdBy: 'RUN ln /usr/bin/node /opt/app/node && rm /usr/bin/nodejs # release',
      async write(layer) {
        // The runtime moves: its old names go, and the file lives on under one that this layer links to it.
        await layer.hardLink(`${app}/node`, 'usr/bin/node');
        await layer.remove('usr/bin/nodejs');
        await layer.text(`${app}/start.js`, "import('fastify');\n");
        await layer.text('etc/os-release', 'ID=dimgx-demo\nVERSION_ID=2\n');
      },
    },
    {
      createdBy: 'RUN ln -sf ../../opt/app/node /usr/bin/node && ln /opt/app/node /usr/bin/nodejs',
      async write(layer) {
        await layer.symlink('usr/bin/node', '../../opt/app/node');
        await layer.hardLink('usr/bin/nodejs', 'opt/app/node');
      },
    },
  ];
}

/** The node_modules that this very file runs with. */
async function modulesFolder(): Promise<string> {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if ((await exists(modules)) && (await readdir(modules)).includes('bullmq')) return modules;
  }
  throw new DimgxError('PART_MISSING', 'the npm packages are not beside this command; run npm ci');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
