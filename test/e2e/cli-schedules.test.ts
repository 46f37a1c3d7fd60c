import { afterAll, beforeAll, expect, test } from 'vitest';
import { dimgx, fault, type Outcome } from '../support/command/dimgx.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();

needs('redis')('dimgx schedules', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService({ folder: folders.own, worker: false });
  });
  afterAll(() => service?.close());

  const schedules = (...args: string[]): Promise<Outcome> =>
    dimgx(['schedules', ...args], { cwd: folders.own, env: { DIMGX_URL: service.api.url } });
  const told = async (...args: string[]): Promise<string> => (await schedules(...args)).stdout.toString();

  test('a schedule is put, run, shown, paused and deleted', async () => {
    const put = [
      'put',
      'nightly',
      'app:1',
      '--cron',
      '30 2 * * *',
      '--timezone',
      'Europe/Berlin',
      '--pool',
      'gpu',
    ];
    expect(await told(...put)).toMatch(
      /^ID +TIMES +NEXT +IMAGE\nnightly {2}30 2 \* \* \* Europe\/Berlin {2}\d{4}-.* 0[01]:30:00Z {2}app:1\n$/,
    );
    const job = (await told('run', 'nightly')).trim();
    const skipped = await schedules('run', 'nightly');
    expect(skipped.stdout.toString()).toMatch(/^skipped: the run of .* has not ended\n$/);
    expect([skipped.code, skipped.stderr]).toEqual([2, '']);
    expect(await service.client.job(job)).toMatchObject({
      schedule: 'nightly',
      request: { image: 'app:1', pool: 'gpu' },
    });
    const status = await told('status', 'nightly');
    expect(status).toMatch(
      new RegExp(
        `\nNEXT TIMES(\n[-0-9]+ [:0-9]+Z){5}\n\nLAST RUNS .*\n.*  hand  skipped: the run of .*\n.*  hand  ${job}\n$`,
      ),
    );
    const times = status.split('\n').slice(4, 9);
    expect(times).toEqual(times.toSorted());
    expect(await told('pause', 'nightly')).toMatch(/ {2}paused {2}app:1\n$/);
    expect(await told('status', 'nightly')).toMatch(
      /^ID .*\nnightly .* {2}paused {2}app:1\n\nNEXT TIMES\nnone\n\nLAST RUNS /,
    );
    expect(await told('delete', 'nightly')).toBe('nightly deleted\n');
    expect(fault(await schedules('resume', 'nightly'))).toMatch(/^dimgx: SCHEDULE_NOT_FOUND: /);
  });

  test('several images are a batch; a time that is none is wrong usage', async () => {
    const made = JSON.parse(await told('put', 'hourly', 'app:1', 'app:2', '--every', '3600', '--json'));
    expect(made).toMatchObject({ id: 'hourly', everySeconds: 3600, batch: { images: ['app:1', 'app:2'] } });
    expect(await told('list')).toMatch(/\nhourly {2}every 3600 s .* {2}batch of 2\n$/);
    const refused = await schedules('put', 'never', 'app:1', '--cron', '61 * * * *');
    expect(fault(refused)).toMatch(
      /^dimgx: REQUEST_INVALID: cron has "61" as its minute: give values from 0 to 59;/,
    );
    expect(refused.code).toBe(1);
  });

  test.each([
    [[], /^dimgx: USAGE: a schedule has either --cron or --every$/],
    [['--cron', '0 3 * * *', '--every', '60'], /^dimgx: USAGE: a schedule has either --cron or --every$/],
    [['--every', '60', '--timezone', 'Europe/Berlin'], /^dimgx: USAGE: --timezone goes with --cron alone$/],
  ])('options that do not go together are told by their names: %j', async (options, line) => {
    const refused = await schedules('put', 'never', 'app:1', ...options);
    expect(fault(refused)).toMatch(line);
    expect(refused.code).toBe(1);
  });
});
