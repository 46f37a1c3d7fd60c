import { describe, expect, test } from 'vitest';
import { isProjectFile, roomOf, type SourceFile, sourceFiles } from './imports.ts';

const files = sourceFiles();

/** What the files of a room may import of the project, besides the room itself. */
const rooms: readonly { readonly room: string; readonly may: readonly string[] }[] = [
  { room: 'core/image', may: [] },
  { room: 'core/tar', may: ['core/errors.ts', 'core/image'] },
  { room: 'core/compress', may: ['core/errors.ts', 'core/image'] },
  {
    room: 'core/flatten',
    may: ['core/errors.ts', 'core/spool-file.ts', 'core/image', 'core/tar', 'core/compress'],
  },
  { room: 'core/inspect', may: ['core/errors.ts', 'core/image', 'core/compress', 'core/flatten'] },
  { room: 'core/outbound', may: ['core/errors.ts'] },
  {
    room: 'core/source',
    may: ['core/errors.ts', 'core/image', 'core/tar', 'core/compress', 'core/flatten', 'core/spool-file.ts'],
  },
  {
    room: 'core/store',
    may: ['core/errors.ts', 'core/version.ts', 'core/image', 'core/compress', 'core/flatten'],
  },
];

describe('a room imports only what lies behind its walls', () => {
  test.each(rooms)('$room', ({ room, may }) => {
    const inside = files.filter(({ path }) => roomOf(path) === room);
    expect(inside.length).toBeGreaterThan(0);
    const forbidden = inside.flatMap(({ path, imports }) =>
      imports.filter((name) => !isAllowed(name, [room, ...may])).map((name) => `${path} imports ${name}`),
    );
    expect(forbidden).toEqual([]);
  });
});

function isAllowed(name: string, allowed: readonly string[]): boolean {
  if (name.startsWith('@dimgx/')) return false;
  return (
    !isProjectFile(name) || allowed.includes(roomOf(name)) || allowed.some((file) => isTopLevel(name, file))
  );
}

/** `core/errors.ts` names packages/core/src/errors.ts. */
function isTopLevel(name: string, file: string): boolean {
  const [packageName, fileName] = file.split('/');
  return name === `packages/${packageName}/src/${fileName}`;
}

/** Libraries that only one place may know. */
const keepers: readonly { readonly library: RegExp; readonly where: RegExp }[] = [
  { library: /^dockerode$/, where: /^packages\/core\/src\/source\/docker-daemon/ },
  { library: /^@aws-sdk\//, where: /^packages\/core\/src\/store\/s3/ },
  { library: /^ipaddr\.js$/, where: /^packages\/core\/src\/outbound\// },
  { library: /^(bullmq|ioredis)$/, where: /^packages\/(queue|worker)\/src\// },
  { library: /^fastify|^@fastify\//, where: /^packages\/api\/src\// },
  { library: /^commander$/, where: /^packages\/cli\/src\// },
  { library: /^@opentelemetry\//, where: /^packages\/queue\/src\/tracing\// },
  { library: /^prom-client$/, where: /^packages\/api\/src\/metrics\// },
];

test.each(keepers)('only $where imports $library', ({ library, where }) => {
  const users = files.filter(({ imports }) => imports.some((name) => library.test(name)));
  expect(users.map(({ path }) => path).filter((path) => !where.test(path))).toEqual([]);
});

/** Which packages a package may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
  client: [],
  core: [],
  queue: ['@dimgx/core'],
  worker: ['@dimgx/core', '@dimgx/queue'],
  dashboard: ['@dimgx/client'],
  api: ['@dimgx/core', '@dimgx/queue'],
  cli: ['@dimgx/core', '@dimgx/client', '@dimgx/queue', '@dimgx/worker', '@dimgx/api'],
};

test.each(Object.entries(packages))('package %s imports only %j, and those by their names', (name, may) => {
  const inside = files.filter(({ path }) => path.startsWith(`packages/${name}/`));
  expect(inside.length).toBeGreaterThan(0);
  const forbidden = inside.flatMap(({ path, imports }) =>
    imports
      .filter((each) => (each.startsWith('@dimgx/') ? !may.includes(each) : leavesPackage(each, name)))
      .map((each) => `${path} imports ${each}`),
  );
  expect(forbidden).toEqual([]);
});

function leavesPackage(imported: string, name: string): boolean {
  return isProjectFile(imported) && !imported.startsWith(`packages/${name}/`);
}

test('the client runs in browsers: what only Node has is in a room that they never load', () => {
  const inside = files.filter(({ path }) => /^packages\/client\/src\/(?!node\/)/.test(path));
  expect(inside.length).toBeGreaterThan(0);
  const foreign = inside.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name !== '#sha256' && (!isProjectFile(name) || roomOf(name) === 'client/node'))
      .map((name) => `${path} imports ${name}`),
  );
  expect(foreign).toEqual([]);
});

test('no module imports itself through others', () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: SourceFile, trail: readonly string[]): void => {
    if (trail.includes(file.path)) {
      cycles.push([...trail.slice(trail.indexOf(file.path)), file.path].join(' -> '));
      return;
    }
    if (done.has(file.path)) return;
    for (const name of file.loads) {
      const imported = byPath.get(name);
      if (imported !== undefined) visit(imported, [...trail, file.path]);
    }
    done.add(file.path);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

test('a source file has at most 300 lines', () => {
  expect(files.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});

test('no file or folder is named for nothing in particular', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|manager)(\.ts)?($|\/)/;
  expect(files.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
});
