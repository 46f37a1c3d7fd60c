/** Characters of one line, and of a whole head. */
const mostInLine = 16 * 1024;
const mostInHead = 64 * 1024;

type LineKind = 'status' | 'field' | 'chunk size' | 'chunk end' | 'trailer';

/**
 * Reads the answer of an HTTP/1.1 server as it comes, RFC 9112, and gives its body in pieces of what it was fed: nothing is
 * copied. Throws what is no such answer.
 */
export class HttpAnswer {
  readonly #onBody: (piece: Buffer, status: number) => void;
  #status = 0;
  #expected: LineKind | 'nothing' = 'status';
  #line = '';
  #headLength = 0;
  #isChunked = false;
  #contentLength: number | undefined;
  /** Bytes of the body, or of a chunk, that are to come; without an end, those until the connection is closed. */
  #left = 0;

  constructor(onBody: (piece: Buffer, status: number) => void) {
    this.#onBody = onBody;
  }

  get status(): number {
    return this.#status;
  }

  get isWhole(): boolean {
    return this.#expected === 'nothing' && this.#left === 0;
  }

  /** Whether it is whole when the connection is closed now. */
  get mayEnd(): boolean {
    return this.isWhole || this.#left === Number.POSITIVE_INFINITY;
  }

  feed(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.isWhole; ) {
      if (this.#left === 0) {
        at = this.#takeLine(bytes, at);
        continue;
      }
      const piece = bytes.subarray(at, at + this.#left);
      this.#onBody(piece, this.#status);
      at += piece.length;
      this.#left -= piece.length;
    }
  }

  /** Returns where the next line begins, or the end of the bytes. */
  #takeLine(bytes: Buffer, start: number): number {
    const newline = bytes.indexOf('\n', start);
    const end = newline === -1 ? bytes.length : newline + 1;
    this.#line += bytes.toString('latin1', start, end);
    if (this.#line.length > mostInLine) throw new Error('it sends a line that is too long');
    if (newline === -1) return end;
    const line = this.#line.replace(/\r?\n$/, '');
    this.#line = '';
    this.#hear(line);
    return end;
  }

  #hear(line: string): void {
    switch (this.#expected) {
      case 'status':
        this.#status = Number(/^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(line)?.[1] ?? unclear(line));
        this.#expected = 'field';
        return;
      case 'field':
        this.#headLength += line.length;
        if (this.#headLength > mostInHead) throw new Error('it sends a head that is too long');
        if (line === '') this.#beginBody();
        else this.#hearField(line);
        return;
      case 'chunk size':
        this.#left = Number.parseInt(/^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line)?.[1] ?? unclear(line), 16);
        this.#expected = this.#left === 0 ? 'trailer' : 'chunk end';
        return;
      case 'chunk end':
        if (line !== '') unclear(line);
        this.#expected = 'chunk size';
        return;
      case 'trailer':
        if (line === '') this.#expected = 'nothing';
    }
  }

  #hearField(line: string): void {
    const [, name, value = ''] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? unclear(line);
    if (/^transfer-encoding$/i.test(name ?? '')) this.#isChunked = /(?:^|,)[ \t]*chunked$/i.test(value);
    else if (/^content-length$/i.test(name ?? ''))
      this.#contentLength = /^\d{1,15}$/.test(value) ? Number(value) : unclear(line);
  }

  /** RFC 9112, section 6.3. */
  #beginBody(): void {
    const isInterim = this.#status < 200;
    if (isInterim) this.#expected = 'status';
    else if (this.#isChunked) this.#expected = 'chunk size';
    else {
      this.#left = this.#contentLength ?? Number.POSITIVE_INFINITY;
      this.#expected = 'nothing';
    }
  }
}

function unclear(line: string): never {
  throw new Error(`it answers what is no HTTP: ${JSON.stringify(line.slice(0, 100))}`);
}
