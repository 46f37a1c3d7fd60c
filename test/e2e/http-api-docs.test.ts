import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobSchema } from '@dimgx/queue';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startDocumentedEngine } from '../support/docs/documented-engine.ts';
import { runShellBlocks, type ShellRun, shellBlocks } from '../support/docs/shell-blocks.ts';
import type { DockerEngine } from '../support/parts/docker-engine.ts';
import { needs } from '../support/parts/needs.ts';
import { startService } from '../support/service/service-fixture.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
/** Where the documents have the service. */
const documentedUrl = 'http://127.0.0.1:8080';
/** What would leave the machine, or ask for what no test has, does not come to it in the time of a test. */
const later = 3_600_000;

interface Run extends ShellRun {
  readonly document: string;
  /** `METHOD /path`, with the scope that it wants. */
  readonly routes: readonly (readonly [string, string])[];
}

needs(
  'redis',
  'docker',
  'jq',
)('what the documents tell to ask the API for', () => {
  let docker: DockerEngine;
  const runs: Run[] = [];

  beforeAll(async () => {
    const folder = join(inject('runFolder'), randomUUID());
    docker = await startDocumentedEngine(join(folder, 'docker'));
    for (const document of ['http-api.md', 'callbacks.md', 'triggers.md']) {
      runs.push(await runDocument(document, join(folder, document)));
    }
  });
  afterAll(() => docker?.stop());

  async function runDocument(document: string, folder: string): Promise<Run> {
    await using opened = new AsyncDisposableStack();
    const service = await startService({
      folder: join(folder, 'service'),
      api: { requestsPerMinute: 1200, callbacks: { interval: later }, triggers: { interval: later } },
      worker: { dockerHost: docker.host },
    });
    opened.defer(() => service.close());
    const routes = await routesOf(service.api.url);
    const own = join(folder, 'reader');
    mkdirSync(own);
    const blocks = shellBlocks(read(document)).map((text) => text.replaceAll(documentedUrl, service.api.url));
    return { document, routes, ...(await runShellBlocks(blocks, own)) };
  }

  test('runs to the end as it stands, and nothing is refused', () => {
    for (const { document, code, stderr, requests } of runs) {
      const refused = requests.filter(({ status }) => status >= 400);
      expect({ document, code, stderr, refused }).toEqual({ document, code: 0, stderr: '', refused: [] });
    }
  });

  test('is each route that there is', () => {
    const [{ routes = [], requests = [] } = {}] = runs;
    const unasked = routes.filter(([route]) => !requests.some((request) => isFor(request, route)));
    expect(unasked.map(([route]) => route)).toEqual([]);
  });

  test('the table of routes has each of them, and the scope that it wants', () => {
    const [{ routes = [] } = {}] = runs;
    expect(documentedRoutes(read('http-api.md'))).toEqual(routes.toSorted());
  });
});

test('the job that docs/http-api.md shows is one', () => {
  const [, shown = ''] = /^```json\n(\{\n {2}"id".*?)^```$/ms.exec(read('http-api.md')) ?? [];
  const job: unknown = JSON.parse(shown);
  expect(jobSchema.parse(job)).toEqual(job);
});

/** What the service says that it has. */
async function routesOf(url: string): Promise<[string, string][]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: { key?: string[] }[] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]): [string, string] => [
      `${method.toUpperCase()} ${path}`,
      security?.[0]?.key?.[0] ?? 'none',
    ]),
  );
}

function isFor({ method, path }: { method: string; path: string }, route: string): boolean {
  const [wanted, template = ''] = route.split(' ');
  return method === wanted && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
}

function documentedRoutes(markdown: string): [string, string][] {
  const rows = markdown.matchAll(/^\| `([A-Z]+) (\/\S+)`(?:, `([A-Z]+)`)? \| .* \| `?(\w+)`? \|$/gm);
  return [...rows]
    .flatMap(([, method, path, also, scope = '']) =>
      [method, also]
        .filter((each) => each !== undefined)
        .map((each): [string, string] => [`${each} ${path}`, scope]),
    )
    .toSorted();
}
