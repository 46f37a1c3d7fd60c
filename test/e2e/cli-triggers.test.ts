import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dimgx, fault, type Outcome } from '../support/command/dimgx.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();

needs('redis')('dimgx triggers', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService({ folder: folders.own, worker: false });
  });
  afterAll(() => service?.close());

  const triggers = (...args: string[]): Promise<Outcome> =>
    dimgx(['triggers', ...args], { cwd: folders.own, env: { DIMGX_URL: service.api.url } });
  const told = async (...args: string[]): Promise<string> => (await triggers(...args)).stdout.toString();

  test('a trigger is put, tells its hook and, once, its secret, and is shown, listed and deleted', async () => {
    const image = 'docker-daemon:harbor.example/{repository}:{tag}';
    const put = ['put', 'pushes', image, '--provider', 'harbor', '--repository', 'team/*', '--tag', 'v*'];
    const made = await triggers(...put, '--tag', 'latest', '--pool', 'gpu', '--label', 'by=pushes');
    const hook = `${service.api.url}/v1/hooks/pushes`;
    const [, secret = ''] = /^hook {4}(?:\S+)\nsecret {2}(\S+)\n$/.exec(made.stdout.toString()) ?? [];
    expect(made).toMatchObject({ code: 0, stderr: 'the secret is shown this once\n' });
    expect(made.stdout.toString()).toContain(`hook    ${hook}\n`);
    expect(secret.length).toBeGreaterThan(16);

    expect(await told('show', 'pushes')).toMatch(/\nTIME +PUSHED +MADE\nnone\n$/);
    const pushed = await fetch(hook, {
      method: 'POST',
      headers: { authorization: secret },
      body: JSON.stringify({
        type: 'PUSH_ARTIFACT',
        occur_at: Math.floor(Date.now() / 1000),
        event_data: {
          resources: [{ tag: 'old', resource_url: 'harbor.example/team/app:old' }],
          repository: { repo_full_name: 'team/app' },
        },
      }),
    });
    expect(pushed.status).toBe(202);
    const shown = await told('show', 'pushes');
    expect(shown).toContain(`hook  ${hook}\n`);
    expect(shown).toMatch(/\n[-\d]+ [:\d]+Z {2}team\/app:old +ignored: .+\n$/);
    expect(shown).not.toContain(secret);
    expect(JSON.parse(await told('show', 'pushes', '--json'))).toMatchObject({
      trigger: { match: { tags: ['v*', 'latest'] }, job: { pool: 'gpu', labels: { by: 'pushes' } } },
      hook: '/v1/hooks/pushes',
    });
    expect(await told('list')).toBe(
      `ID      PROVIDER  REPOSITORIES  TAGS       IMAGE\npushes  harbor    team/*        v* latest  ${image}\n`,
    );
    expect(await told('delete', 'pushes')).toBe('pushes deleted\n');
    expect(fault(await triggers('show', 'pushes'))).toMatch(/^dimgx: TRIGGER_NOT_FOUND: /);
  });

  test("a secret of one's own comes from a file, and is not told", async () => {
    await writeFile(join(folders.own, 'secret'), 'a-secret-of-the-registry\n');
    const image = 'docker-daemon:registry.example/{repository}:{tag}';
    const paths = ['--path', 'repository=/name', '--path', 'tag=/version'];
    const put = ['put', 'own', image, '--provider', 'generic', ...paths, '--secret-file', 'secret', '--json'];
    const made = await triggers(...put);
    expect(made.stderr).toBe('');
    expect(JSON.parse(made.stdout.toString())).toEqual({
      trigger: expect.objectContaining({ paths: { repository: '/name', tag: '/version' } }),
      hook: '/v1/hooks/own',
    });
    const push = async (body: object) => {
      const headers = { authorization: 'Bearer a-secret-of-the-registry' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      return (await fetch(`${service.api.url}/v1/hooks/own`, init)).json();
    };
    expect(await push({ name: 'team/app', version: '1' })).toEqual({ pushes: 1 });
    expect(await push({ version: '1' })).toEqual({ pushes: 0 });
    expect(await told('show', 'own')).toMatch(/\n[-\d]+ [:\d]+Z +- +ignored: nothing at \/name\n/);
  });

  test.each([
    [['--provider', 'nobody'], /^dimgx: REQUEST_INVALID: provider must be acr, .*, generic or google-/],
    [['--provider', 'harbor', '--secret-file', 'missing'], /^dimgx: USAGE: missing does not exist$/],
    [['--provider', 'harbor', '--secret-file', '/'], /^dimgx: USAGE: \/ is a folder, not a file$/],
    [['--provider', 'generic', '--path', 'tag'], /^dimgx: USAGE: --path tag: must be NAME=/],
    [['--provider', 'harbor', '--path', 'tag=/a'], /^dimgx: USAGE: --path is for --provider generic alone$/],
    [
      ['--provider', 'generic', '--topic-arn', 'arn:aws:sns:x', '--audience', 'a'],
      /^dimgx: USAGE: --topic-arn is for --provider ecr-sns alone; --audience is for --provider google-artifact-registry alone$/,
    ],
    [[], /^dimgx: USAGE: .*--provider/],
  ])('%j is wrong usage', async (args, expected) => {
    const refused = await triggers('put', 'wrong', 'docker-daemon:x.example/{repository}', ...args);
    expect(fault(refused)).toMatch(expected);
    expect(refused.code).toBe(1);
  });
});
