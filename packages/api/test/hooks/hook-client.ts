import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Push, type PushEvent, triggerRequestSchema } from '@dimgx/queue';
import type { LightMyRequestResponse } from 'fastify';
import type { ApiFixture } from '../api-fixture.ts';

export const secret = 'the-secret-of-this-hook';
export const digest = `sha256:${'1'.repeat(64)}`;
const job = { image: 'docker-daemon:{registry}/{repository}:{tag}' };

/** What a sender sends: headers, and the token of the URL. */
export interface Shown {
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  /** Where it comes from; loopback unless given. */
  readonly remoteAddress?: string;
}

export function payload(name: string): string {
  return readFileSync(join(import.meta.dirname, 'payloads', `${name}.json`), 'utf8');
}

/** HMAC-SHA256 in hex. */
export function hmac(body: string, key: string = secret): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

/** One trigger of an API, as its registry sees it. */
export class HookClient {
  readonly #fixture: ApiFixture;
  readonly id: string;

  static async open(fixture: ApiFixture, trigger: object): Promise<HookClient> {
    const id = randomUUID();
    await fixture.triggers.put(id, triggerRequestSchema.parse({ job, ...trigger }));
    return new HookClient(fixture, id);
  }

  private constructor(fixture: ApiFixture, id: string) {
    this.#fixture = fixture;
    this.id = id;
  }

  send(
    body: string,
    { headers, token, remoteAddress }: Shown = {},
    id = this.id,
  ): Promise<LightMyRequestResponse> {
    return this.#fixture.app.inject({
      method: 'POST',
      url: `/v1/hooks/${id}${token === undefined ? '' : `?token=${token}`}`,
      headers: { 'content-type': 'application/json', ...headers },
      payload: body,
      ...(remoteAddress !== undefined && { remoteAddress }),
    });
  }

  get events(): PushEvent[] {
    const { accepted } = this.#fixture.triggers;
    return accepted.filter(({ trigger }) => trigger === this.id).flatMap(({ events }) => events);
  }

  /** Why what else it sent is no push. */
  get ignored(): string[] {
    const { ignored } = this.#fixture.triggers;
    return ignored.filter(({ trigger }) => trigger === this.id).flatMap(({ reasons }) => reasons);
  }

  get pushes(): Push[] {
    return this.events.map(({ push }) => push);
  }
}
