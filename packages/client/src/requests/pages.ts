/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What the next page is asked for with; none on the last one. A page before it may have fewer items, even none. */
  readonly nextCursor?: string;
}

/** What every list takes. */
export interface PageQuery {
  /** How many items of a page at the most. */
  readonly limit?: number | undefined;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** A list, of which nothing is asked for until it is read: item by item with `for await`, or by pages. */
export class Pages<T> implements AsyncIterable<T> {
  readonly #cursor: string | undefined;
  readonly #ask: (cursor: string | undefined) => Promise<Page<T>>;

  /** @internal */
  constructor(cursor: string | undefined, ask: (cursor: string | undefined) => Promise<Page<T>>) {
    this.#cursor = cursor;
    this.#ask = ask;
  }

  /** The first page, or the one at the `cursor` of the query. */
  page(): Promise<Page<T>> {
    return this.#ask(this.#cursor);
  }

  /** That page and all after it. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    for (let cursor = this.#cursor; ; ) {
      const page = await this.#ask(cursor);
      yield page;
      if (page.nextCursor === undefined) return;
      cursor = page.nextCursor;
    }
  }

  /** All items; a page is asked for when it is needed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }
}
