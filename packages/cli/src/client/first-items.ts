/** Items of a page of the service's lists at the most. */
export const mostOnPage = 500;

/** At most `limit` items, one or more, of a list, which is not read any further. */
export async function* firstItems<T>(items: AsyncIterable<T>, limit: number): AsyncGenerator<T> {
  let left = limit;
  for await (const item of items) {
    yield item;
    left--;
    if (left === 0) return;
  }
}
