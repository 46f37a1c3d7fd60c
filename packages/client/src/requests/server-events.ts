/** An event of a `text/event-stream` (HTML standard, 9.2). */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Of one event; ours are far smaller. */
const longestEvent = 1024 * 1024;

export function isEventStream(response: Response): boolean {
  return /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
}

/** The events of an answer as they come; none if it is no stream of them. Throws when the connection breaks. */
export async function* serverEvents(response: Response): AsyncGenerator<ServerEvent, void, undefined> {
  const { body } = response;
  if (body === null || !isEventStream(response)) return void (await body?.cancel());
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split(/\r?\n\r?\n/);
      text = blocks.pop() ?? '';
      if (text.length > longestEvent) throw new Error('an event without end');
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {
      // Of a connection that is broken already.
    });
  }
}

/** A block without data is none. */
function eventOf(block: string): ServerEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
}
