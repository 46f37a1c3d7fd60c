import type { Push } from '@dimgx/queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from '../api-fixture.ts';
import { digest, HookClient, hmac, payload, type Shown, secret } from './hook-client.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
afterAll(() => fixture.close());

const at = Date.parse('2026-11-24T12:00:00Z');
const push: Push = { registry: 'registry.example:5000', repository: 'team/app', tag: '1.2', digest };
const { digest: _, ...undigested } = push;
const bearer = (key = secret): Shown => ({ headers: { authorization: `Bearer ${key}` } });
const inUrl = (key = secret): Shown => ({ token: key });

interface Row {
  readonly provider: string;
  /** The name of its payload, where that is not the provider's. */
  readonly file?: string;
  readonly trigger?: object;
  /** The request as it comes from who knows this secret. */
  shown(body: string, key: string): Shown;
  readonly pushes: readonly Push[];
  readonly id: string | undefined;
  readonly at: number | undefined;
}

const distributionPush = { ...push, registry: 'registry.example:5000' };
const rows: readonly Row[] = [
  {
    provider: 'distribution',
    shown: (_body, key) => ({
      headers: {
        ...bearer(key).headers,
        'content-type': 'application/vnd.docker.distribution.events.v2+json',
      },
    }),
    pushes: [distributionPush],
    id: '0c2c3b2a-5a0e-4c3e-9f3d-0a4cbe0d2b03',
    at: Date.parse('2026-11-24T12:00:00.120Z'),
  },
  {
    provider: 'gitlab',
    file: 'distribution',
    shown: (_body, key) => ({ headers: { 'x-gitlab-token': key } }),
    pushes: [distributionPush],
    id: '0c2c3b2a-5a0e-4c3e-9f3d-0a4cbe0d2b03',
    at: Date.parse('2026-11-24T12:00:00.120Z'),
  },
  {
    provider: 'acr',
    shown: (_body, key) => ({ headers: { authorization: `Basic ${btoa(`hook:${key}`)}` } }),
    pushes: [{ ...push, registry: 'teamregistry.azurecr.io' }],
    id: '7fb1c7a1-1f0c-4f8a-8cf1-2f8d2b6a6e10',
    at,
  },
  {
    provider: 'docker-hub',
    shown: (_body, key) => inUrl(key),
    pushes: [{ ...undigested, registry: 'docker.io' }],
    id: 'team/app:1.2 1795521600',
    at,
  },
  {
    provider: 'github',
    shown: (body, key) => ({
      headers: { 'x-github-event': 'package', 'x-hub-signature-256': `sha256=${hmac(body, key)}` },
    }),
    pushes: [{ ...push, registry: 'ghcr.io' }],
    id: `Team/app:1.2@${digest} 2026-11-24T12:00:00Z`,
    at: undefined,
  },
  {
    provider: 'harbor',
    shown: (_body, key) => ({ headers: { authorization: key } }),
    pushes: [{ ...push, registry: 'harbor.example' }],
    id: `1795521600 1.2@${digest}`,
    at,
  },
  {
    provider: 'harbor',
    file: 'harbor-cloudevents',
    shown: (_body, key) => bearer(key),
    pushes: [{ ...push, registry: 'harbor.example' }],
    id: '4b2f89a6-548d-4c12-9993-a1f5790b97d2 1.2',
    at,
  },
  {
    provider: 'quay',
    shown: (_body, key) => inUrl(key),
    pushes: ['1.2', 'latest'].map((tag) => ({ registry: 'quay.io', repository: 'team/app', tag })),
    id: undefined,
    at: undefined,
  },
  {
    provider: 'ecr',
    shown: (_body, key) => bearer(key),
    pushes: [{ ...push, registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com' }],
    id: '13cde686-328b-6117-af20-0e5566167482',
    at,
  },
  {
    provider: 'jfrog',
    shown: (_body, key) => ({ headers: { 'x-jfrog-event-auth': key } }),
    pushes: [{ ...push, registry: 'artifacts.example', repository: 'docker-local/team/app' }],
    id: undefined,
    at: undefined,
  },
  {
    provider: 'gitea',
    shown: (body, key) => ({ headers: { 'x-gitea-signature': hmac(body, key), 'x-gitea-delivery': 'one' } }),
    pushes: [{ ...undigested, registry: 'git.example' }],
    id: 'one',
    at: undefined,
  },
  {
    provider: 'generic',
    trigger: {
      paths: { pushes: '/images', repository: '/name', tag: '/version/tag', digest: '/version/sha' },
    },
    shown: (_body, key) => inUrl(key),
    pushes: [
      { repository: 'team/app', tag: '1.2', digest },
      { repository: 'team/tools', tag: '7' },
    ],
    id: undefined,
    at: undefined,
  },
];

describe.each(rows)('$provider, $file', ({ provider, file = provider, trigger, shown, ...told }) => {
  const body = payload(file);
  const open = () => HookClient.open(fixture, { provider, secret, ...trigger });

  test('its pushes are taken, with their id and time', async () => {
    const client = await open();
    const response = await client.send(body, shown(body, secret));
    expect([response.statusCode, response.json()]).toEqual([202, { pushes: told.pushes.length }]);
    expect(client.pushes).toEqual(told.pushes);
    expect(client.events[0]).toMatchObject({ id: told.id, at: told.at });
  });

  test('without its secret, with another, or with another body, it is refused like a hook that is not there', async () => {
    const client = await open();
    const good = shown(body, secret);
    const isSigned = JSON.stringify(good) !== JSON.stringify(shown('', secret));
    const answers = [
      await client.send(body),
      await client.send(body, { headers: { authorization: 'Bearer ', 'x-gitlab-token': '' }, token: '' }),
      await client.send(body, shown(body, 'another-secret-of-others')),
      await client.send('no JSON'),
      await client.send(body, good, 'another'),
      ...(isSigned ? [await client.send(`${body} `, good)] : []),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 401));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers[0]?.json()).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(client.events).toEqual([]);
  });

  test('what only its sender can have made wrong is told', async () => {
    const client = await open();
    for (const wrong of ['no JSON', '[]']) {
      const response = await client.send(wrong, shown(wrong, secret));
      const isTaken = provider === 'generic' && wrong === '[]';
      expect(response.statusCode).toBe(isTaken ? 202 : 400);
    }
    expect(client.events).toEqual([]);
  });
});

/** Replaces parts of a payload, by name. */
function changed(name: string, change: (body: Record<string, never>) => object): string {
  const body = JSON.parse(payload(name)) as Record<string, never>;
  return JSON.stringify({ ...body, ...change(body) });
}

const ignored: [provider: string, situation: string, body: string, shown?: (body: string) => Shown][] = [
  ['acr', 'a ping', JSON.stringify({ id: 'a', action: 'ping' })],
  ['acr', 'a chart', changed('acr', () => ({ action: 'chart_push' }))],
  ['acr', 'a delete', changed('acr', () => ({ action: 'delete' }))],
  ['harbor', 'a pull', changed('harbor', () => ({ type: 'PULL_ARTIFACT' }))],
  ['harbor', 'a test', JSON.stringify({ type: 'TEST_ENDPOINT', occur_at: 1, event_data: {} })],
  ['ecr', 'another event', JSON.stringify({ source: 'aws.ec2', detail: {} })],
  [
    'ecr',
    'a delete',
    changed('ecr', ({ detail }) => ({ detail: { ...(detail as object), 'action-type': 'DELETE' } })),
  ],
  [
    'ecr',
    'a failure',
    changed('ecr', ({ detail }) => ({ detail: { ...(detail as object), result: 'FAILURE' } })),
  ],
  [
    'ecr',
    'an image without a tag',
    changed('ecr', ({ detail }) => ({ detail: { ...(detail as object), 'image-tag': '' } })),
  ],
  ['jfrog', 'a delete', changed('jfrog', () => ({ event_type: 'deleted' })), jfrogSigned],
  ['jfrog', 'a file', changed('jfrog', () => ({ domain: 'artifact' })), jfrogSigned],
  ['github', 'a ping', '{"zen": "Design for failure."}', githubSigned('ping')],
  ['github', 'a push of commits', payload('github'), githubSigned('push')],
  ['github', 'a delete', changed('github', () => ({ action: 'deleted' })), githubSigned('package')],
  [
    'github',
    'the image of an index',
    payload('github').replace('"name": "1.2"', '"name": ""'),
    githubSigned('registry_package'),
  ],
  [
    'github',
    'another kind of package',
    payload('github').replace('"package_type": "CONTAINER"', '"package_type": "npm"'),
    githubSigned('package'),
  ],
  ['gitea', 'a delete', changed('gitea', () => ({ action: 'deleted' })), giteaSigned],
  ['gitea', 'another kind of package', payload('gitea').replace('"container"', '"npm"'), giteaSigned],
  ['gitea', 'the image of an index', payload('gitea').replace('"1.2"', `"${digest}"`), giteaSigned],
];

function githubSigned(event: string) {
  return (body: string): Shown => ({
    headers: { 'x-github-event': event, 'x-hub-signature-256': `sha256=${hmac(body)}` },
  });
}

function giteaSigned(body: string): Shown {
  return { headers: { 'x-forgejo-signature': hmac(body) } };
}

function jfrogSigned(body: string): Shown {
  return { headers: { 'x-jfrog-event-auth': hmac(body) } };
}

test.each(ignored)('%s: %s makes nothing', async (provider, _situation, body, shown = () => bearer()) => {
  const client = await HookClient.open(fixture, { provider, secret });
  const response = await client.send(body, shown(body));
  expect([response.statusCode, response.json()]).toEqual([202, { pushes: 0 }]);
  expect(client.ignored).toEqual([]);
});

const untold: [situation: string, body: object | string, reasons: string[]][] = [
  ['nothing where the list should be', { x: 1 }, ['nothing at /images']],
  ['no list there', { images: { name: 'a' } }, ['no list at /images']],
  ['no repository', { images: [{ tag: '1' }] }, ['nothing at /name']],
  ['a repository that is no text', { images: [{ name: 7, tag: '1' }] }, ['no text at /name']],
  ['no tag', { images: [{ name: 'a' }, { name: 'b', tag: '' }] }, ['nothing at /tag', 'no text at /tag']],
  [
    'a repository out of its place',
    { images: [{ name: '../../etc/passwd', tag: '1' }] },
    ['"../../etc/passwd" is no name of a repository'],
  ],
  ['a tag that is none', { images: [{ name: 'a', tag: 'a b' }] }, ['"a b" is no tag']],
  [
    'a digest that is none',
    { images: [{ name: 'a', tag: '1', digest: 'sha256:aaaa' }] },
    ['"sha256:aaaa" is no sha256 digest'],
  ],
];
test.each(untold)('generic: %s is told', async (_situation, body, reasons) => {
  const paths = { pushes: '/images', repository: '/name', tag: '/tag', digest: '/digest' };
  const client = await HookClient.open(fixture, { provider: 'generic', secret, paths });
  const response = await client.send(JSON.stringify(body), bearer());
  expect([response.statusCode, response.json()]).toEqual([202, { pushes: 0 }]);
  expect(client.ignored).toEqual(reasons);
});

test('github: registry_package tells the same under another name, and has the same id', async () => {
  const client = await HookClient.open(fixture, { provider: 'github', secret });
  const other = payload('github').replace('"package": {', '"registry_package": {');
  await client.send(payload('github'), githubSigned('package')(payload('github')));
  await client.send(other, githubSigned('registry_package')(other));
  expect(client.events).toHaveLength(2);
  expect(client.events[0]).toEqual(client.events[1]);
});

test('quay: its old form has an object of tags', async () => {
  const client = await HookClient.open(fixture, { provider: 'quay', secret });
  await client.send(
    changed('quay', () => ({ updated_tags: { old: 'id-of-an-image' } })),
    inUrl(),
  );
  expect(client.pushes).toEqual([{ registry: 'quay.io', repository: 'team/app', tag: 'old' }]);
});
