import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** Bytes from which a log makes way for a new one at the part's next start; one old log is kept. */
const fullAt = 32 * 1024 * 1024;

/** All that the processes of one part print, line by line. */
export class PartLog {
  readonly file: string;
  readonly #stream: WriteStream;
  #lastLine = '';

  private constructor(file: string, onFault: (error: Error) => void) {
    this.file = file;
    this.#stream = createWriteStream(file, { flags: 'a' });
    this.#stream.once('error', onFault);
  }

  /** `onFault` gets the first fault of writing; what comes after is lost, the part lives on. */
  static async open(file: string, onFault: (error: Error) => void): Promise<PartLog> {
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    if (size > fullAt) await rename(file, `${file}.1`);
    return new PartLog(file, onFault);
  }

  /** The last line that any process of the part printed: why it ended, more often than not. */
  get lastLine(): string {
    return this.#lastLine;
  }

  /** Takes what a process prints until it ends; `onLine` sees each line. */
  follow(output: Readable, onLine: (line: string) => void): void {
    let rest = '';
    output.setEncoding('utf8');
    output.on('data', (text: string) => {
      if (!this.#stream.destroyed) this.#stream.write(text);
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-maxLine);
      for (const line of lines) {
        if (line.trim() === '') continue;
        this.#lastLine = line;
        onLine(line);
      }
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stream.destroyed) resolve();
      else this.#stream.end(() => resolve());
    });
  }
}

/** A line without an end must not grow for ever. */
const maxLine = 64 * 1024;
