import { setTimeout as delay } from 'node:timers/promises';
import type { FlattenReport } from '@dimgx/core';
import { type Job, type JobState, jobSchema } from '@dimgx/queue';
import { type ReadMetric, readMetrics } from './prometheus-text.ts';

const finalStates: readonly JobState[] = ['completed', 'failed', 'cancelled'];

/** Speaks to the service over HTTP, as its users do. */
export class ServiceClient {
  readonly url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, apiKey?: string) {
    this.url = url;
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  }

  post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/v1/jobs`, {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async submit(body: unknown): Promise<Job> {
    return jobOf(await this.post(body), 202);
  }

  /** Asks again while the service says that it can't tell now, as on a machine with too much to do. */
  async job(id: string): Promise<Job> {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`${this.url}/v1/jobs/${id}`, { headers: this.#headers });
      if (response.status !== 503 || attempt === 100) return jobOf(response, 200);
      await response.arrayBuffer();
      await delay(100);
    }
  }

  cancel(id: string): Promise<Response> {
    return fetch(`${this.url}/v1/jobs/${id}`, { method: 'DELETE', headers: this.#headers });
  }

  /** The messages of the job's log. */
  async log(id: string): Promise<string[]> {
    const response = await fetch(`${this.url}/v1/jobs/${id}/logs?limit=1000`, { headers: this.#headers });
    const { items } = (await response.json()) as { items: { message: string }[] };
    return items.map(({ message }) => message);
  }

  artifact(id: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}/v1/jobs/${id}/artifact`, { headers: this.#headers, ...init });
  }

  /** What Prometheus would read. */
  async metrics(): Promise<Map<string, ReadMetric>> {
    return readMetrics(await (await fetch(`${this.url}/metrics`)).text());
  }

  /** The job once `isSo` holds for it; gives up after `within` milliseconds. */
  async until(id: string, isSo: (job: Job) => boolean, within = 40_000): Promise<Job> {
    const deadline = performance.now() + within;
    for (;;) {
      const job = await this.job(id);
      if (isSo(job)) return job;
      if (performance.now() > deadline) throw new Error(`still waiting for ${JSON.stringify(job)}`);
      await delay(20);
    }
  }

  finished(id: string): Promise<Job> {
    return this.until(id, ({ state }) => finalStates.includes(state));
  }

  /** Submits and waits; the report of a flatten that must succeed. */
  async flattened(body: unknown): Promise<{ job: Job; report: FlattenReport }> {
    const job = await this.finished((await this.submit(body)).id);
    if (job.state !== 'completed') throw new Error(`${job.state}: ${job.error?.code}: ${job.error?.message}`);
    return { job, report: job.result as FlattenReport };
  }
}

async function jobOf(response: Response, status: number): Promise<Job> {
  const answer = await response.text();
  if (response.status !== status) throw new Error(`${response.status}: ${answer}`);
  return jobSchema.parse(JSON.parse(answer));
}
