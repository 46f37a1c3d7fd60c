import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dimgx, fault, killRemaining, type Outcome } from '../support/command/dimgx.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();

needs('redis')('dimgx keys', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ folder: join(folders.own, randomUUID()), worker: false });
  });
  afterAll(() => service?.close());
  afterEach(killRemaining);

  const run = (args: readonly string[], env: Record<string, string>): Promise<Outcome> =>
    dimgx(['keys', ...args], { cwd: folders.own, env: { DIMGX_URL: service.api.url, ...env } });
  const text = ({ stdout }: Outcome): string => stdout.toString().trimEnd();
  const statusWith = async (key: string): Promise<number> => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${service.api.url}/v1/jobs`, { headers })).status;
  };

  test('makes the first key in Redis, the others with it over the API, and revokes them', async () => {
    const first = await run(['create', 'first', '--scope', 'admin'], { REDIS_URL: service.redis.url });
    expect(first.code).toBe(0);
    expect(text(first)).toMatch(/^dimgx_[0-9a-f]{12}_\S{43}$/);
    expect(first.stderr).toMatch(/^key [0-9a-f]{12}, admin, never expires; it is shown this once\n$/);

    const token = { DIMGX_TOKEN: text(first), REDIS_URL: 'redis://127.0.0.1:1' };
    const made = await run(['create', 'ci', '--expires', '90d', '--json'], token);
    const { id, key, ...told } = JSON.parse(text(made));
    expect(told).toMatchObject({ name: 'ci', scopes: ['read', 'submit'], expiresAt: expect.any(String) });
    expect(await statusWith(key)).toBe(200);

    const listed = text(await run(['list'], token)).split('\n');
    expect(listed).toHaveLength(3);
    expect(listed[1]).toMatch(/first +admin .* -$/);
    expect(listed[2]).toContain(`${id}  ci `);
    expect(listed.join('')).not.toContain(key);

    expect(text(await run(['revoke', id], token))).toBe(`${id} revoked`);
    expect(await statusWith(key)).toBe(401);
    expect(fault(await run(['revoke', id], token))).toMatch(/^dimgx: KEY_NOT_FOUND: /);
  });
});
