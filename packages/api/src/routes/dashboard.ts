import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { DimgxError } from '@dimgx/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api.ts';

const index = 'index.html';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const headers = {
  // Scripts and styles are files of ours, and nothing may put the page into another.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

interface Asset {
  readonly body: Buffer;
  readonly mediaType: string;
  readonly etag: string;
}

/** The page at `/`, which holds nothing of the service: it asks the API, with the key that its user gives it. */
export function addDashboardRoutes(app: Api): void {
  let assets: Promise<ReadonlyMap<string, Asset>> | undefined;
  const send = async (name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    assets ??= readAssets();
    const asset = (await assets).get(name);
    if (asset === undefined) {
      throw new DimgxError('ROUTE_NOT_FOUND', `there is no ${request.url}; /openapi.json lists the routes`);
    }
    reply.headers({ ...headers, etag: asset.etag });
    if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send();
    return reply.type(asset.mediaType).send(asset.body);
  };
  const shared = { method: 'GET', logLevel: 'warn', schema: { hide: true } } as const;
  app.route({ ...shared, url: '/', handler: (request, reply) => send(index, request, reply) });
  app.route<{ Params: { '*': string } }>({
    ...shared,
    url: '/dashboard/*',
    handler: (request, reply) => send(request.params['*'], request, reply),
  });
}

/** All files that the page is made of, by their paths. */
async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  const { resolve } = createRequire(import.meta.url);
  const folders = [`@dimgx/dashboard/page/${index}`, '@dimgx/dashboard/scripts/main.js'];
  const read = await Promise.all(folders.map((file) => readFolder(dirname(resolve(file)))));
  return new Map(read.flat());
}

async function readFolder(folder: string): Promise<[string, Asset][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && extname(entry.name) in mediaTypes);
  return Promise.all(
    files.map(async (entry): Promise<[string, Asset]> => {
      const path = join(entry.parentPath, entry.name);
      const body = await readFile(path);
      const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      return [relative(folder, path), { body, etag, mediaType: mediaTypes[extname(path)] ?? '' }];
    }),
  );
}
