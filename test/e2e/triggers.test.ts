import { randomUUID } from 'node:crypto';
import {
  type Job,
  type JobQueue,
  type Push,
  type PushEvent,
  type Redis,
  serviceLog,
  type Trigger,
  type TriggerSettings,
  Triggers,
  triggerRequestSchema,
} from '@dimgx/queue';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import type { RedisServer } from '../support/parts/redis.ts';
import { emptiedQueue } from '../support/service/queue-fixture.ts';
import { quietLog as log } from '../support/service/service-fixture.ts';

const secretsKey = 'a-key-to-seal-the-secrets-of-this-test';
const until = { timeout: 20_000, interval: 20 };
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

needs('redis')('triggers on a real Redis', () => {
  const fixture = emptiedQueue();
  let server: RedisServer;
  let redis: Redis;
  let queue: JobQueue;
  const opened: Triggers[] = [];

  beforeAll(() => {
    ({ server, redis, queue } = fixture);
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  async function started(more: Partial<TriggerSettings> = {}): Promise<Triggers> {
    const quick = { debounce: { quiet: 1, patience: 1000 }, interval: 10 };
    const triggers = await Triggers.start({
      redis: server,
      secretsKey,
      queue,
      log,
      ...quick,
      ...more,
    });
    opened.push(triggers);
    return triggers;
  }

  /** Notes pushes, and leaves the making of jobs to others. */
  const idle = () => started({ interval: 3_600_000 });

  async function trigger(triggers: Triggers, more: object = {}): Promise<Trigger> {
    const job = { image: 'docker-daemon:{registry}/{repository}:{tag}', labels: { by: 'trigger' } };
    const request = triggerRequestSchema.parse({ provider: 'distribution', job, ...more });
    return (await triggers.put('pushes', request)).trigger;
  }

  const push = (more: Partial<Push> = {}): Push => ({
    ...{ registry: 'r.example', repository: 'team/app', tag: '1' },
    ...more,
  });
  const event = (more: Partial<Push> = {}, about: Partial<PushEvent> = {}): PushEvent => ({
    ...{ push: push(more), id: randomUUID(), at: Date.now() },
    ...about,
  });
  const jobs = async (): Promise<Pick<Job, 'request' | 'trigger' | 'id'>[]> => [
    ...(await queue.list({ trigger: 'pushes' }, 100)).jobs,
  ];
  const jobCount = (count: number) => vi.waitFor(async () => expect(await jobs()).toHaveLength(count), until);

  test('a push makes the job of the trigger, with its image pulled anew', async () => {
    const triggers = await started();
    const by = await trigger(triggers);
    expect(await triggers.accept(by, [event()])).toBe(1);
    await jobCount(1);
    const [job] = await jobs();
    expect(job).toMatchObject({
      trigger: 'pushes',
      request: { image: 'docker-daemon:r.example/team/app:1', pull: 'always', labels: { by: 'trigger' } },
    });
    await vi.waitFor(async () => {
      const { log } = await triggers.find('pushes');
      expect(log).toEqual([{ at: expect.any(String), push: push(), job: job?.id }]);
    }, until);
  });

  test('a burst of pushes of one tag makes one job, for the last', async () => {
    const triggers = await idle();
    const job = { image: 'docker-daemon:{registry}/{repository}@{digest}' };
    const by = await trigger(triggers, { job });
    for (const letter of ['a', 'b', 'c']) {
      await triggers.accept(by, [
        event({ digest: digest(letter) }),
        event({ tag: '2', digest: digest(letter) }),
      ]);
    }
    await started();
    await jobCount(2);
    const images = (await jobs()).map(({ request }) => request.image);
    expect(images).toEqual(Array(2).fill(`docker-daemon:r.example/team/app@${digest('c')}`));
    await vi.waitFor(async () => expect(await redis.keys('*trigger-pushes*')).toEqual([]), until);
  });

  test('a tag that is not quiet yet waits', async () => {
    const triggers = await started({ debounce: { quiet: 60_000, patience: 60_000 } });
    const by = await trigger(triggers);
    await triggers.accept(by, [event()]);
    const [, due] = await redis.zrange('{dimgx}:trigger-pushes-due', '0', '-1', 'WITHSCORES');
    expect(Number(due)).toBeGreaterThan(Date.now());
    expect(await jobs()).toEqual([]);
  });

  test('a tag that is never quiet gets its job all the same', async () => {
    const triggers = await started({ debounce: { quiet: 60_000, patience: 100 } });
    await triggers.accept(await trigger(triggers), [event()]);
    await jobCount(1);
  });

  test('an event that is told again makes nothing', async () => {
    const triggers = await started();
    const by = await trigger(triggers);
    const once = event();
    expect(await triggers.accept(by, [once])).toBe(1);
    await jobCount(1);
    expect(await triggers.accept(by, [once])).toBe(0);
    expect(await triggers.accept(by, [event({}, { id: undefined })])).toBe(1);
    await jobCount(2);
  });

  test('what the trigger is not for, or is not of these days, is told and ignored', async () => {
    const triggers = await started();
    const by = await trigger(triggers, { match: { repositories: ['team/*'], tags: ['v*'] } });
    const hour = 3_600_000;
    const events = [
      event({ repository: 'other/app', tag: 'v1' }),
      event({ tag: '1' }),
      event({ tag: 'v1' }, { at: Date.now() - 25 * hour }),
      event({ tag: 'v1' }, { at: Date.now() + hour }),
    ];
    expect(await triggers.accept(by, events)).toBe(0);
    const { log } = await triggers.find('pushes');
    expect(log.map(({ ignored }) => ignored?.slice(0, 28))).toEqual([
      'it says that it was pushed i',
      'it was pushed more than a da',
      'the trigger is not for this ',
      'the trigger is not for this ',
    ]);
    expect(await jobs()).toEqual([]);
  });

  test('why what was sent is no push is told once', async () => {
    const triggers = await started();
    await trigger(triggers);
    await triggers.ignore('pushes', ['nothing at /name', 'nothing at /name']);
    await triggers.ignore('pushes', []);
    const { log } = await triggers.find('pushes');
    expect(log).toEqual([{ at: expect.any(String), ignored: 'nothing at /name' }]);
  });

  test('a push that does not tell what the image needs is told and ignored', async () => {
    const triggers = await started();
    const by = await trigger(triggers, { job: { image: 'docker-daemon:{repository}@{digest}' } });
    await triggers.accept(by, [event()]);
    await vi.waitFor(async () => {
      const { log } = await triggers.find('pushes');
      expect(log[0]?.ignored).toMatch(/needs \{digest\}/);
    }, until);
  });

  test('a job that was made before its maker died is not made again', async () => {
    const triggers = await idle();
    const pending = '{dimgx}:trigger-pushes';
    await triggers.accept(await trigger(triggers), [event()]);
    const [[name = '', text = ''] = []] = Object.entries(await redis.hgetall(pending));
    await started();
    const isSettled = () => vi.waitFor(async () => expect(await redis.exists(pending)).toBe(0), until);
    await isSettled();
    await redis.multi().hset(pending, name, text).zadd(`${pending}-due`, 0, name).exec();
    await isSettled();
    expect(await jobs()).toHaveLength(1);
  });

  test('two processes make one job of each push', async () => {
    const triggers = await started();
    await started();
    const by = await trigger(triggers);
    await triggers.accept(
      by,
      Array.from({ length: 40 }, (_, tag) => event({ tag: `v${tag}` })),
    );
    await vi.waitFor(async () => expect(await redis.keys('*trigger-pushes*')).toEqual([]), until);
    expect(new Set((await jobs()).map(({ request }) => request.image)).size).toBe(40);
    expect(await jobs()).toHaveLength(40);
  });

  test('a secret that was sealed with another key stops its hook alone, and is told', async () => {
    const by = await trigger(await idle());
    const lines: string[] = [];
    const told = serviceLog('test', 'warn', { write: (line) => void lines.push(line) });
    const triggers = await started({ secretsKey: 'another-key-than-that-which-sealed-it', log: told });
    expect(await triggers.canCheckAll()).toBe(false);
    expect(await triggers.record('pushes')).toBeUndefined();
    expect(lines.join()).toMatch(
      /"trigger":"pushes".*the secret of trigger pushes was sealed with another DIMGX_SECRETS_KEY: /,
    );
    expect((await triggers.find('pushes')).trigger).toEqual(by);
    await triggers.accept(by, [event()]);
    await jobCount(1);

    const secret = 'a-secret-in-place-of-that';
    await triggers.put(
      'pushes',
      triggerRequestSchema.parse({ provider: 'distribution', job: by.job, secret }),
    );
    expect((await triggers.record('pushes'))?.secret).toBe(secret);
    expect(await triggers.canCheckAll()).toBe(true);
  });

  test('a secret is made up, told once, kept over changes, and stands nowhere else', async () => {
    const triggers = await started();
    const request = triggerRequestSchema.parse({ provider: 'harbor', job: { image: 'debian' } });
    const { secret = '', isNew } = await triggers.put('own', request);
    expect([secret.length, isNew]).toEqual([43, true]);
    const again = await triggers.put('own', request);
    expect(again).toEqual({ trigger: expect.anything(), isNew: false });
    expect((await triggers.record('own'))?.secret).toBe(secret);
    const given = { ...request, secret: 'a-secret-that-was-given' };
    expect(await triggers.put('own', given)).not.toHaveProperty('secret');
    expect((await triggers.record('own'))?.secret).toBe('a-secret-that-was-given');
    const shown = JSON.stringify([await triggers.find('own'), await triggers.list()]);
    expect(shown).not.toContain('a-secret-that-was-given');
    for (const key of await redis.keys('*')) {
      expect((await redis.dumpBuffer(key)).toString('latin1')).not.toContain('a-secret-that-was-given');
    }
  });

  test('a secret that is made up for a generic sender is one of Standard Webhooks, and fits into a URL', async () => {
    const paths = { repository: '/name', tag: '/tag' };
    const request = { provider: 'generic', paths, job: { image: 'debian' } };
    const { secret = '' } = await (await started()).put('own', triggerRequestSchema.parse(request));
    expect(new Webhook(secret).sign('id', new Date(), '{}')).toMatch(/^v1,/);
    expect(encodeURIComponent(secret)).toBe(secret);
  });

  test('a trigger that is deleted leaves nothing, and its pushes make no job', async () => {
    const triggers = await idle();
    await triggers.accept(await trigger(triggers), [event({}, { id: undefined })]);
    await triggers.forget('pushes');
    await started();
    await vi.waitFor(async () => expect(await redis.keys('*trigger*')).toEqual([]), until);
    expect(await jobs()).toEqual([]);
    for (const gone of [triggers.find('pushes'), triggers.forget('pushes')]) {
      await expect(gone).rejects.toMatchObject({ code: 'TRIGGER_NOT_FOUND' });
    }
  });
});
