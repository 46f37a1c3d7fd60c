import { createWriteStream, openSync, renameSync, type WriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** Bytes from which a log makes way for a new one; one old log is kept. */
const fullAtBytes = 32 * 1024 * 1024;

/** All that the processes of one part print, line by line, or the end of it if that is long. */
export class PartLog {
  readonly file: string;
  readonly #onFault: (error: Error) => void;
  readonly #fullAt: number;
  #stream: WriteStream | undefined;
  #size: number;
  #lastLine = '';

  private constructor(file: string, size: number, onFault: (error: Error) => void, fullAt: number) {
    this.file = file;
    this.#onFault = onFault;
    this.#fullAt = fullAt;
    this.#size = size;
    this.#stream = this.#openFile();
  }

  /** `onFault` gets the first fault of writing; what comes after is lost, the part lives on. */
  static async open(
    file: string,
    onFault: (error: Error) => void,
    fullAt: number = fullAtBytes,
  ): Promise<PartLog> {
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    return new PartLog(file, size, onFault, fullAt);
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
      this.#write(text);
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-maxLine);
      for (const line of lines) {
        if (line.trim() === '') continue;
        this.#lastLine = line;
        onLine(line);
      }
    });
  }

  #write(text: string): void {
    if (this.#stream === undefined || this.#stream.destroyed) return;
    this.#size += Buffer.byteLength(text);
    if (this.#size <= this.#fullAt) return void this.#stream.write(text);
    const end = text.lastIndexOf('\n') + 1;
    const rest = text.slice(end);
    this.#stream.end(text.slice(0, end));
    this.#stream = this.#openFile(() => renameSync(this.file, `${this.file}.1`));
    this.#stream?.write(rest);
    this.#size = Buffer.byteLength(rest);
  }

  /** At once: what goes to the stream goes to this file, whatever its name is later. */
  #openFile(before = () => {}): WriteStream | undefined {
    try {
      before();
      const stream = createWriteStream(this.file, { fd: openSync(this.file, 'a') });
      return stream.once('error', this.#onFault);
    } catch (error) {
      this.#onFault(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stream === undefined || this.#stream.destroyed) resolve();
      else this.#stream.end(() => resolve());
    });
  }
}

/** A line without an end must not grow for ever. */
const maxLine = 64 * 1024;
