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

/** Scripts and styles are files of ours, and nothing may put the page into another. */
function securityPolicy(importMap: string): string {
  const hash = createHash('sha256').update(importMap).digest('base64');
  return `default-src 'none'; script-src 'self' 'sha256-${hash}'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

const headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

interface Page {
  /** By their paths. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly policy: string;
}

interface Asset {
  readonly body: Buffer;
  readonly mediaType: string;
  readonly etag: string;
}

/** The page at `/`, which holds nothing of the service: it asks the API, with the key that its user gives it. */
export function addDashboardRoutes(app: Api): void {
  let page: Promise<Page> | undefined;
  const send = async (name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    page ??= readPage();
    const { assets, policy } = await page;
    const asset = assets.get(name);
    if (asset === undefined) {
      throw new DimgxError('ROUTE_NOT_FOUND', `there is no ${request.url}; /openapi.json lists the routes`);
    }
    reply.headers({ ...headers, 'content-security-policy': policy, etag: asset.etag });
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

/** All files that the page is made of: those of the dashboard, and the modules of the client that it asks by. */
async function readPage(): Promise<Page> {
  const { resolve } = createRequire(import.meta.url);
  const html = resolve(`@dimgx/dashboard/page/${index}`);
  const client = createRequire(html).resolve('@dimgx/client/package.json');
  const assets = new Map([
    ...(await readFolder(dirname(html))),
    ...(await readFolder(dirname(resolve('@dimgx/dashboard/scripts/main.js')))),
    ...(await readFolder(join(dirname(client), 'dist'), 'client/')),
  ]);
  // What a browser must be told in the page itself; the policy names it, and so allows no other.
  const [, importMap = ''] =
    /<script type="importmap">(.*?)<\/script>/s.exec(`${assets.get(index)?.body}`) ?? [];
  return { assets, policy: securityPolicy(importMap) };
}

async function readFolder(folder: string, prefix = ''): Promise<[string, Asset][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && extname(entry.name) in mediaTypes);
  return Promise.all(
    files.map(async (entry): Promise<[string, Asset]> => {
      const path = join(entry.parentPath, entry.name);
      const body = await readFile(path);
      const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      return [
        `${prefix}${relative(folder, path)}`,
        { body, etag, mediaType: mediaTypes[extname(path)] ?? '' },
      ];
    }),
  );
}
