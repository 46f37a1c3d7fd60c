import { execFile } from 'node:child_process';
import { randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { DimgxError } from '@dimgx/core';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../../test/support/self-signed-certificate.ts';
import { type SnsMessage, signedText } from '../../src/hooks/sns-message.ts';
import { type ApiFixture, apiFixture } from '../api-fixture.ts';
import { digest, HookClient, payload } from './hook-client.ts';

const run = promisify(execFile);

/** What the senders' own servers say to the test at hand, and what they were asked. */
let answer: (url: URL) => string;
const asked: string[] = [];
let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture({
    fetchText: async (url) => {
      asked.push(url.href);
      return answer(url);
    },
  });
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => fixture.close());

describe('ecr-sns', () => {
  const topicArn = 'arn:aws:sns:eu-central-1:123456789012:pushes';
  const host = 'https://sns.eu-central-1.amazonaws.com';
  const signer = selfSigned();
  // Certificates are kept, so each test has one of its own.
  let certificateUrl: string;
  beforeEach(() => {
    certificateUrl = `${host}/SimpleNotificationService-${randomUUID().replaceAll('-', '')}.pem`;
    answer = (url) => (url.pathname.endsWith('.pem') ? signer.certificate : '<ok/>');
  });

  const sns = () => HookClient.open(fixture, { provider: 'ecr-sns', topicArn });

  function message(more: object = {}, key = signer.privateKey): SnsMessage {
    const unsigned = {
      Type: 'Notification',
      MessageId: 'm-1',
      TopicArn: topicArn,
      Message: payload('ecr'),
      Timestamp: new Date().toISOString(),
      SignatureVersion: '2',
      SigningCertURL: certificateUrl,
      ...more,
    } as SnsMessage;
    const algorithm = unsigned.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
    const signature = sign(algorithm, Buffer.from(signedText(unsigned)), key).toString('base64');
    return { ...unsigned, Signature: signature };
  }

  test('what is signed is laid out as AWS documents it', () => {
    expect(signedText({ ...message({ Message: 'Hello', Subject: 'S' }), Timestamp: 'T' })).toBe(
      `Message\nHello\nMessageId\nm-1\nSubject\nS\nTimestamp\nT\nTopicArn\n${topicArn}\nType\nNotification\n`,
    );
  });

  test.each(['1', '2'])('a notification is taken, signature version %s', async (SignatureVersion) => {
    const hook = await sns();
    const body = JSON.stringify(message({ SignatureVersion }));
    const headers = { 'content-type': 'text/plain; charset=UTF-8' };
    expect((await hook.send(body, { headers })).json()).toEqual({ pushes: 1 });
    const registry = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
    expect(hook.pushes).toEqual([{ registry, repository: 'team/app', tag: '1.2', digest }]);
  });

  test('the certificate is asked for once', async () => {
    const hook = await sns();
    for (const MessageId of ['a', 'b']) await hook.send(JSON.stringify(message({ MessageId })));
    expect(asked).toEqual([certificateUrl]);
  });

  test('a subscription is confirmed', async () => {
    const hook = await sns();
    const SubscribeURL = `${host}/?Action=ConfirmSubscription&Token=t`;
    const confirmation = { Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL };
    expect((await hook.send(JSON.stringify(message(confirmation)))).statusCode).toBe(202);
    expect(asked[1]).toBe(SubscribeURL);
  });

  test('a certificate whose time is over proves nothing', async () => {
    const hook = await sns();
    const old = selfSigned(new Date(Date.now() - 1000));
    answer = () => old.certificate;
    expect((await hook.send(JSON.stringify(message({}, old.privateKey)))).statusCode).toBe(401);
    expect(asked).toHaveLength(1);
  });

  const forged: [situation: string, body: () => object, fetches: number][] = [
    ['a changed message', () => ({ ...message(), Message: '{}' }), 1],
    ['another topic', () => message({ TopicArn: `${topicArn}2` }), 0],
    ['a message of yesterday', () => message({ Timestamp: '2026-01-01T00:00:00Z' }), 0],
    ['no time', () => message({ Timestamp: 'now' }), 0],
    [
      'a certificate of elsewhere',
      () => message({ SigningCertURL: 'https://sns.example.org/SimpleNotificationService-0.pem' }),
      0,
    ],
    [
      'a certificate by http',
      () =>
        message({ SigningCertURL: `http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem` }),
      0,
    ],
    [
      'a host that only begins so',
      () => message({ SigningCertURL: `${host}.example.org/SimpleNotificationService-0.pem` }),
      0,
    ],
    [
      'a bucket of anybody',
      () => message({ SigningCertURL: 'https://s3.amazonaws.com/SimpleNotificationService-0.pem' }),
      0,
    ],
    [
      'a confirmation of elsewhere',
      () =>
        message({ Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL: 'https://169.254.169.254/' }),
      0,
    ],
  ];
  test.each(forged)('refused: %s', async (_situation, body, fetches) => {
    const hook = await sns();
    expect((await hook.send(JSON.stringify(body()))).statusCode).toBe(401);
    expect(asked).toHaveLength(fetches);
    expect(hook.events).toEqual([]);
  });
});

describe('google-artifact-registry', async () => {
  const sender = { audience: 'dimgx', serviceAccount: 'push@project.iam.gserviceaccount.com' };
  const { publicKey, privateKey: googleKey } = await generateKeyPair('RS256');
  const jwks = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }],
  });

  beforeEach(() => {
    answer = () => jwks;
  });
  const google = () => HookClient.open(fixture, { provider: 'google-artifact-registry', ...sender });
  const claims = { email: sender.serviceAccount, email_verified: true };
  const token = (
    more: object = {},
    { issuer = 'https://accounts.google.com', audience = 'dimgx', expires = '1h', key = googleKey } = {},
  ) =>
    new SignJWT({ ...claims, ...more })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(key);

  const body = (event: string) =>
    JSON.stringify({
      message: { data: btoa(event), messageId: '136969346945', publishTime: '2026-11-24T12:00:00Z' },
      subscription: 'projects/project/subscriptions/dimgx',
    });

  test('a push is taken with the token that Google signed', async () => {
    const hook = await google();
    const headers = { authorization: `Bearer ${await token()}` };
    expect((await hook.send(body(payload('google-artifact-registry')), { headers })).json()).toEqual({
      pushes: 1,
    });
    expect(hook.events).toEqual([
      {
        push: { registry: 'europe-docker.pkg.dev', repository: 'project/team/app', tag: '1.2', digest },
        id: '136969346945',
        at: Date.parse('2026-11-24T12:00:00Z'),
      },
    ]);
  });

  test.each([
    ['a delete', '{"action": "DELETE", "tag": "h/p/r/i:1"}'],
    ['an image without a tag', `{"action": "INSERT", "digest": "h/p/r/i@${digest}"}`],
  ])('%s makes nothing', async (_situation, event) => {
    const hook = await google();
    const headers = { authorization: `Bearer ${await token()}` };
    expect((await hook.send(body(event), { headers })).json()).toEqual({ pushes: 0 });
  });

  const other = (await generateKeyPair('RS256')).privateKey;
  const forged: [situation: string, authorization: () => Promise<string>][] = [
    ['no token', async () => ''],
    ['what is no token', async () => 'Bearer a.b.c'],
    ['a token for others', async () => `Bearer ${await token({}, { audience: 'others' })}`],
    ['a token of others', async () => `Bearer ${await token({}, { issuer: 'https://example.org' })}`],
    ['a token of another account', async () => `Bearer ${await token({ email: 'else@project' })}`],
    ['an account that is not verified', async () => `Bearer ${await token({ email_verified: false })}`],
    ['a token of yesterday', async () => `Bearer ${await token({}, { expires: '-1h' })}`],
    ['a token of another key', async () => `Bearer ${await token({}, { key: other })}`],
    [
      'a token that nobody signed',
      async () => `Bearer ${btoa('{"alg":"none"}').replaceAll('=', '')}.${(await token()).split('.')[1]}.x`,
    ],
  ];
  test.each(forged)('refused: %s', async (_situation, authorization) => {
    const hook = await google();
    const headers = { authorization: await authorization() };
    const response = await hook.send(body(payload('google-artifact-registry')), { headers });
    expect(response.statusCode).toBe(401);
    expect(hook.events).toEqual([]);
  });

  test('while Google can not be asked, it is told to come again', async () => {
    const unreachable = new DimgxError('ENDPOINT_UNREACHABLE', 'www.googleapis.com: no answer');
    const alone = await apiFixture({ fetchText: () => Promise.reject(unreachable) });
    const hook = await HookClient.open(alone, { provider: 'google-artifact-registry', ...sender });
    const headers = { authorization: `Bearer ${await token()}` };
    expect((await hook.send(body('{}'), { headers })).statusCode).toBe(502);
    await alone.close();
  });
});

describe('generic, as a Standard Webhook', () => {
  const secret = `whsec_${btoa('a-secret-of-twenty-four-b')}`;
  const paths = { repository: '/data/name', tag: '/data/tag' };
  const body = JSON.stringify({ type: 'image.pushed', data: { name: 'team/app', tag: '1' } });
  const signed = (at: Date) => ({
    'webhook-id': 'w-1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('w-1', at, body),
  });

  test('is taken, with its id', async () => {
    const hook = await HookClient.open(fixture, { provider: 'generic', secret, paths });
    expect((await hook.send(body, { headers: signed(new Date()) })).statusCode).toBe(202);
    expect(hook.events).toEqual([{ push: { repository: 'team/app', tag: '1' }, id: 'w-1 0', at: undefined }]);
  });

  test('whose secret was chosen without whsec_ is taken', async () => {
    const bare = secret.slice('whsec_'.length);
    const hook = await HookClient.open(fixture, { provider: 'generic', secret: bare, paths });
    expect((await hook.send(body, { headers: signed(new Date()) })).statusCode).toBe(202);
  });

  test('is sent as docs/triggers.md shows it', async () => {
    const listPaths = { pushes: '/images', repository: '/name', tag: '/version' };
    const hook = await HookClient.open(fixture, { provider: 'generic', secret, paths: listPaths });
    const address = await fixture.app.listen({ host: '127.0.0.1', port: 0 });
    const document = readFileSync(new URL('../../../../docs/triggers.md', import.meta.url), 'utf8');
    const [, shown = ''] = /^```js\n(.*?)^```$/ms.exec(document) ?? [];
    const script = shown.replace('http://127.0.0.1:8080/v1/hooks/own', `${address}/v1/hooks/${hook.id}`);
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      // Where the library is found.
      cwd: import.meta.dirname,
      env: { SECRET: secret },
    });
    expect(stdout).toBe('202 { pushes: 1 }\n');
    expect(document).toContain('`202 { pushes: 1 }`');
    expect(hook.pushes).toEqual([{ repository: 'team/app', tag: '1.3' }]);
  });

  test('whose secret is no base64 is refused', async () => {
    const hook = await HookClient.open(fixture, {
      provider: 'generic',
      secret: 'a-secret_that-is-none',
      paths,
    });
    expect((await hook.send(body, { headers: signed(new Date()) })).statusCode).toBe(401);
  });

  test.each([
    ['that is ten minutes old', () => signed(new Date(Date.now() - 600_000))],
    ['of ten minutes hence', () => signed(new Date(Date.now() + 600_000))],
    ['whose id was changed', () => ({ ...signed(new Date()), 'webhook-id': 'w-2' })],
    ['without its signature', () => ({ ...signed(new Date()), 'webhook-signature': '' })],
  ])('one %s is refused', async (_situation, headers) => {
    const hook = await HookClient.open(fixture, { provider: 'generic', secret, paths });
    expect((await hook.send(body, { headers: headers() })).statusCode).toBe(401);
  });
});
