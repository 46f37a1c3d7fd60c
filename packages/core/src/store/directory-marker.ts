import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DimgxError, systemCode } from '../errors.ts';
import { directoryError } from './directory-errors.ts';
import type { StoreMarker } from './store.ts';

/** No key begins with a dot, so no object can be called so. */
const markerName = '.dimgx-store';

/** A file that holds the id of the store: the folder that a disk was mounted on has none. */
export class DirectoryMarker implements StoreMarker {
  readonly #root: string;
  #expected: string | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  async read(): Promise<string | undefined> {
    try {
      return (await readFile(this.#path, 'utf8')).trim();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw directoryError(error, 'read its marker', this.#root);
    }
  }

  async write(id: string): Promise<void> {
    const path = `${this.#path}-${randomBytes(8).toString('hex')}`;
    try {
      await writeFile(path, `${id}\n`, { flag: 'wx', mode: 0o644, flush: true });
      await rename(path, this.#path);
    } catch (error) {
      await rm(path, { force: true });
      throw directoryError(error, 'write its marker', this.#root);
    }
  }

  expect(id: string): void {
    this.#expected = id;
  }

  /** Throws `STORE_FAILED` if another id is expected than the one that is there. */
  async confirm(): Promise<void> {
    if (this.#expected === undefined) return;
    const found = await this.read();
    if (found === this.#expected) return;
    const lack = found === undefined ? `it lacks ${markerName}` : `its ${markerName} is another`;
    throw new DimgxError(
      'STORE_FAILED',
      `${this.#root} is not the store that this service has used: ${lack}. Is its disk not mounted? ` +
        `If it was replaced on purpose: echo ${this.#expected} >${this.#path}`,
    );
  }

  get #path(): string {
    return join(this.#root, markerName);
  }
}
