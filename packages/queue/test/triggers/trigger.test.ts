import { expect, test } from 'vitest';
import { matches, triggerRequestSchema } from '../../src/triggers/trigger.ts';

const job = { image: 'docker-daemon:registry.example/{repository}:{tag}' };
const google = {
  provider: 'google-artifact-registry',
  audience: 'dimgx',
  serviceAccount: 'push@p.iam.gserviceaccount.com',
};
const paths = { repository: '/image/name', tag: '/image/tag' };

test('a provider and a job are enough; all repositories and tags are meant', () => {
  expect(triggerRequestSchema.parse({ provider: 'harbor', job })).toEqual({
    provider: 'harbor',
    match: { repositories: ['**'], tags: ['*'] },
    job: { ...job, kind: 'flatten', pool: 'default', priority: 'normal' },
  });
});

test('what is taken is taken a second time', () => {
  const more = { secret: 'a-secret-of-the-registry', match: { repositories: ['team/*'], tags: ['v*'] } };
  for (const request of [
    { provider: 'github', job, ...more },
    { ...google, job },
    { provider: 'ecr-sns', topicArn: 'arn:aws:sns:eu-central-1:1:pushes', job },
    { provider: 'generic', paths: { ...paths, pushes: '/images' }, job },
  ]) {
    const parsed = triggerRequestSchema.parse(request);
    expect(triggerRequestSchema.parse(parsed)).toEqual(parsed);
    expect(parsed).toMatchObject({ ...request, job });
  }
});

const refused: [situation: string, request: object, path: string][] = [
  ['no provider', { job }, 'provider'],
  ['an unknown provider', { provider: 'nexus', job }, 'provider'],
  ['no job', { provider: 'harbor' }, 'job'],
  ['a job without an image', { provider: 'harbor', job: {} }, 'job.image'],
  ['an image with other braces', { provider: 'harbor', job: { image: '{name}:{tag}' } }, 'job.image'],
  ['a field of no meaning', { provider: 'harbor', job, colour: 'red' }, ''],
  ['a short secret', { provider: 'harbor', secret: 'short', job }, 'secret'],
  ['a secret with a blank', { provider: 'harbor', secret: 'a secret with blanks', job }, 'secret'],
  ['no tags at all', { provider: 'harbor', match: { tags: [] }, job }, 'match.tags'],
  ['a secret where Google signs', { ...google, secret: 'a-secret-of-the-registry', job }, ''],
  [
    'Google without its account',
    { provider: 'google-artifact-registry', audience: 'a', job },
    'serviceAccount',
  ],
  ['SNS without its topic', { provider: 'ecr-sns', job }, 'topicArn'],
  ['generic without paths', { provider: 'generic', job }, 'paths'],
  ['a path that is none', { provider: 'generic', paths: { ...paths, tag: 'image.tag' }, job }, 'paths.tag'],
];

test.each(refused)('refused: %s', (_situation, request, path) => {
  const issues = triggerRequestSchema.safeParse(request).error?.issues ?? [];
  expect(issues.map((issue) => issue.path.join('.'))).toContain(path);
});

test('a push is meant if both its repository and its tag are', () => {
  const trigger = { match: { repositories: ['team/*', 'other/app'], tags: ['v*', 'latest'] } };
  const isMeant = (repository: string, tag: string) => matches(trigger, { repository, tag });
  expect([isMeant('team/app', 'v1'), isMeant('other/app', 'latest')]).toEqual([true, true]);
  expect([isMeant('team/app', '1'), isMeant('other/lib', 'v1')]).toEqual([false, false]);
});
