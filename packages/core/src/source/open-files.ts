import { close } from 'node:fs';
import { promisify } from 'node:util';

const closeDescriptor = promisify(close);

/** Ends one holder's claim; harmless a second time. */
export type Release = () => Promise<void>;

/**
 * Descriptors that a source and the images it gave have in common: whoever lets go last closes them. They are bare
 * numbers, since another thread reads them too, and a FileHandle would close itself when it is collected.
 */
export class OpenFiles {
  #descriptors: number[] = [];
  #holders = 0;

  /** Takes over an open descriptor. */
  adopt(fd: number): void {
    this.#descriptors.push(fd);
  }

  hold(): Release {
    this.#holders++;
    let held = true;
    return async () => {
      if (!held) return;
      held = false;
      this.#holders--;
      if (this.#holders > 0) return;
      const descriptors = this.#descriptors;
      this.#descriptors = [];
      await Promise.all(descriptors.map((fd) => closeDescriptor(fd)));
    };
  }
}
