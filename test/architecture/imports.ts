import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** A source file and what it imports. */
export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  /** Types too. */
  readonly imports: readonly string[];
  /** What is there at run time. */
  readonly loads: readonly string[];
  readonly lines: number;
}

/** Whole statements, and the lazy imports of commands; what stands in texts is none of ours. */
const statement =
  /^(?:import|export)(\s+type)?\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|await import\('([^']+)'\)/gm;

/** All files of the packages' sources. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path))
    .map((path) => readSource(join(root, 'packages', path)))
    .sort((a, b) => a.path.localeCompare(b.path));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(statement)].map(([, type, from, bare, lazy]) => ({
    name: located(path, from ?? bare ?? lazy ?? ''),
    isType: type !== undefined,
  }));
  return {
    path: relative(root, path),
    imports: imports.map(({ name }) => name),
    loads: imports.filter(({ isType }) => !isType).map(({ name }) => name),
    lines: text.split('\n').length,
  };
}

/** A package's name, or a file's path from the root. */
function located(importer: string, name: string): string {
  return name.startsWith('.') ? relative(root, resolve(dirname(importer), name)) : name;
}

/** `core/tar` for a file of that room; a package's top-level files are in no room: `core`. */
export function roomOf(path: string): string {
  const [, name = '', , room = ''] = path.split('/');
  return room.endsWith('.ts') ? name : `${name}/${room}`;
}

export function isProjectFile(name: string): boolean {
  return name.startsWith('packages/');
}
