import type { Agent } from 'undici';
import { DimgxError, systemCode } from '../errors.ts';
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

/** Makes requests to where others want them. Redirects are not followed: they are answers like any other. */
export class OutboundClient {
  readonly #agent: Agent;
  readonly #within: number;

  /** `within`: milliseconds for a request as a whole. The caller closes the client. */
  static async open(rules: NetworkRules, within: number = answerWithin): Promise<OutboundClient> {
    return new OutboundClient(await guardedAgent(rules), within);
  }

  private constructor(agent: Agent, within: number) {
    this.#agent = agent;
    this.#within = within;
  }

  /** Throws `ADDRESS_REFUSED`, `ENDPOINT_UNREACHABLE` if no whole answer comes in time, or the signal's reason. */
  async post(url: URL, { headers, body, signal }: OutboundPost): Promise<OutboundAnswer> {
    const timeout = AbortSignal.timeout(this.#within);
    try {
      const answer = await this.#agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, timeout]),
      });
      const retryAfter = answer.headers['retry-after'];
      await answer.body.dump({ limit: bodyRead, signal: timeout });
      return { status: answer.statusCode, retryAfter: [retryAfter].flat()[0] };
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof DimgxError) throw thrown;
      const why = timeout.aborted ? `no answer within ${this.#within / second} seconds` : faultOf(thrown);
      throw new DimgxError('ENDPOINT_UNREACHABLE', `${url.host}: ${why}`, { cause: thrown });
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function faultOf(thrown: unknown): string {
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
