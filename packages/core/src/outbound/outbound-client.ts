import type { Agent } from 'undici';
import { DimgxError, systemCode, tlsWords } from '../errors.ts';
import { guardedAgent } from './guarded-agent.ts';
import type { NetworkRules } from './network-rules.ts';

/** What is kept of an answer: its body is not for us. */
export interface OutboundAnswer {
  readonly status: number;
  /** The header of that name, as it came. */
  readonly retryAfter: string | undefined;
}

/** What is posted. */
export interface OutboundPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

const second = 1000;
const answerWithin = 15 * second;
/** What is read of an answer's body before the connection is given up. Bytes. */
const bodyRead = 64 * 1024;
const neverAborted = new AbortController().signal;

/** Makes requests to where others want them. Redirects are not followed: they are answers like any other. */
export class OutboundClient {
  readonly #agent: Agent;
  readonly #limit: number;

  /** `within`: milliseconds for a request as a whole. The caller closes the client. */
  static async open(rules: NetworkRules, within: number = answerWithin): Promise<OutboundClient> {
    return new OutboundClient(await guardedAgent(rules), within);
  }

  private constructor(agent: Agent, within: number) {
    this.#agent = agent;
    this.#limit = within;
  }

  /** Throws `ADDRESS_REFUSED`, `ENDPOINT_UNREACHABLE` if no whole answer comes in time, or the signal's reason. */
  post(url: URL, { headers, body, signal }: OutboundPost): Promise<OutboundAnswer> {
    return this.#within(url, signal, async (timed) => {
      const answer = await this.#agent.request({
        ...target(url),
        method: 'POST',
        headers,
        body,
        signal: timed,
      });
      const retryAfter = answer.headers['retry-after'];
      await answer.body.dump({ limit: bodyRead, signal: timed });
      return { status: answer.statusCode, retryAfter: [retryAfter].flat()[0] };
    });
  }

  /** A short text. Throws as `post`, also `ENDPOINT_UNREACHABLE` for another answer than 200 or one that is too long. */
  text(url: URL): Promise<string> {
    return this.#within(url, neverAborted, async (timed) => {
      const answer = await this.#agent.request({ ...target(url), method: 'GET', signal: timed });
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of answer.body) {
        chunks.push(chunk);
        length += chunk.length;
        // Leaving the loop destroys the body.
        if (length > bodyRead) throw new Error(`an answer of more than ${bodyRead} bytes`);
      }
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
      return Buffer.concat(chunks).toString('utf8');
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #within<T>(url: URL, signal: AbortSignal, work: (timed: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = AbortSignal.timeout(this.#limit);
    try {
      return await work(AbortSignal.any([signal, timeout]));
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof DimgxError) throw thrown;
      const why = timeout.aborted ? `no answer within ${this.#limit / second} seconds` : faultOf(thrown);
      throw new DimgxError('ENDPOINT_UNREACHABLE', `${url.host}: ${why}`, { cause: thrown });
    }
  }
}

function target({ origin, pathname, search }: URL): { origin: string; path: string } {
  return { origin, path: `${pathname}${search}` };
}

function faultOf(thrown: unknown): string {
  return (
    tlsWords(thrown) ?? systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown))
  );
}
