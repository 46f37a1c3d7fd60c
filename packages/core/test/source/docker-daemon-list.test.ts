import { describe, expect, test } from 'vitest';
import { layer } from '../../../../test/support/images/layer.ts';
import { hexOf, testImage } from '../../../../test/support/images/test-image.ts';
import { chainIds, type DiffId } from '../../src/image/digest.ts';
import { withChildren } from '../../src/source/docker-daemon-children.ts';
import { describeImage } from '../../src/source/open-image.ts';
import { type Answer, history, inspection, scriptedEngine } from './scripted-engine.ts';
import { testFolder } from './test-sources.ts';

const image = testImage({ layers: [layer().file('a'), layer().file('b')], tags: ['app:1'] });
const id = image.configDigest;
const known = {
  'GET /images/app:1/json': inspection(image),
  [`GET /images/${id}/history`]: history(image),
} satisfies Record<string, Answer>;

const hex = (start: string) => start.padEnd(64, '0');
const named = (start: string) => `sha256:${hex(start)}`;
const refused: Answer = { status: 403, json: { message: 'not allowed' } };

describe('the images that lie upon an image', () => {
  const [lower, upper] = chainIds([named('d0'), named('d1')] as DiffId[]);
  const stacks = new Map([
    [lower, { id: hex('a1'), tags: ['base:1'], ids: [hex('a0'), hex('a1')] }],
    [upper, { id: hex('b0'), tags: [], ids: [hex('b0')] }],
  ]);
  const childrenOf = (listed: Parameters<typeof withChildren>[1]) =>
    Array.from(withChildren(stacks, listed).values(), ({ children }) => children);

  test('are those that were built upon any image of its stack', () => {
    const listed = [
      { Id: named('c0'), ParentId: named('a0') },
      { Id: named('c1'), ParentId: named('a1') },
      { Id: named('c2'), ParentId: named('b0') },
      { Id: named('c3'), ParentId: named('c2') },
    ];
    expect(childrenOf(listed)).toEqual([[hex('c0'), hex('c1')], [hex('c2')]]);
  });

  test('are not the image itself and its own steps', () => {
    const listed = [
      { Id: named('a0'), ParentId: '' },
      { Id: named('a1'), ParentId: named('a0') },
      { Id: named('b0'), ParentId: named('a1') },
    ];
    expect(childrenOf(listed)).toEqual([[], []]);
  });

  test.each([{ Id: named('c0') }, { Id: named('c0'), ParentId: null }, { Id: named('c0'), ParentId: '' }])(
    'are none where the engine knows of no parents: %j',
    (listed) => {
      expect(childrenOf([listed])).toEqual([[], []]);
    },
  );

  test('are asked for only if they are wanted', async () => {
    const folder = await testFolder();
    const list: Answer = { json: [{ Id: named('c0'), ParentId: id }] };
    const engine = await scriptedEngine(folder, { ...known, 'GET /images/json': list });
    const options = { dockerHost: engine.host };
    const without = await describeImage('docker-daemon:app:1', options);
    expect(without.layers.map(({ children }) => children)).toEqual([undefined, undefined]);
    expect(engine.requests).toHaveLength(2);
    const described = await describeImage('docker-daemon:app:1', { ...options, children: true });
    expect(described.layers[1].children).toEqual([hex('c0')]);
    expect(engine.requests.at(-1)).toBe('GET /images/json?all=true');
  });

  test('are not known where a proxy refuses the list, and other faults are told', async () => {
    const folder = await testFolder();
    const fails: Answer = { status: 500, json: { message: 'no disk' } };
    const engine = await scriptedEngine(folder, { ...known, 'GET /images/json': [refused, fails] });
    const options = { dockerHost: engine.host, children: true };
    const described = await describeImage('docker-daemon:app:1', options);
    expect(described.layers[1].children).toEqual([]);
    await expect(describeImage('docker-daemon:app:1', options)).rejects.toMatchObject({
      code: 'DOCKER_FAILED',
      message: expect.stringMatching(/listing its images: no disk$/),
    });
  });
});

test.each<[string, string, Answer, string]>([
  ['of two images', 'abc', { json: [{ Id: named('abc1') }, { Id: named('abc2') }] }, 'IMAGE_AMBIGUOUS'],
  [
    'of two, written in full',
    'sha256:abc',
    { json: [{ Id: named('abc1') }, { Id: named('abc2') }] },
    'IMAGE_AMBIGUOUS',
  ],
  [
    'of one that is listed twice',
    'abc',
    { json: [{ Id: named('abc1') }, { Id: named('abc1') }] },
    'IMAGE_NOT_FOUND',
  ],
  ['of none', 'abc', { json: [{ Id: named('def') }] }, 'IMAGE_NOT_FOUND'],
  ['of images that a proxy keeps to itself', 'abc', refused, 'IMAGE_NOT_FOUND'],
])('the start of an id, %s', async (_, text, list, code) => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, { 'GET /images/json': list });
  const attempt = describeImage(`docker-daemon:${text}`, { dockerHost: engine.host });
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  expect(engine.requests.at(-1)).toBe('GET /images/json?all=true');
});

test('a name that is no start of an id has no image listed', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, {});
  for (const name of ['app:2', hexOf(id)]) {
    const attempt = describeImage(`docker-daemon:${name}`, { dockerHost: engine.host });
    await expect(attempt).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  }
  expect(engine.requests.filter((request) => request.startsWith('GET /images/json'))).toEqual([]);
});
