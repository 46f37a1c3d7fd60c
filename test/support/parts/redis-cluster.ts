import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RedisOptions, type RedisServer, startRedis } from './redis.ts';
import { ask, untilSo } from './redis-cli.ts';

export interface RedisCluster {
  /** `redis+cluster://[:PASSWORD@]127.0.0.1:PORT,…`, or `rediss+cluster://…`: its masters as they were at first. */
  readonly url: string;
  /** Of a `rediss+cluster://`, what signed its certificate. */
  readonly caFile?: string;
  readonly nodes: readonly RedisServer[];
  /** The node that has this key's slot. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Moves the slot of a key, and all keys in it, as an operator's tools do; `onMiddle` runs when half of it is done. */
  moveSlot(key: string, to: RedisServer, onMiddle?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions extends Pick<RedisOptions, 'password' | 'tls'> {
  readonly replicasOfEach?: number;
}

const slots = 16_384;

/**
 * Three masters on loopback, a third of the slots each, and as many replicas as are asked for of each. Its data lies in
 * `folder`, which is created. A node that is gone for two seconds has failed.
 */
export async function startRedisCluster(
  folder: string,
  { replicasOfEach = 0, password, tls }: ClusterOptions = {},
): Promise<RedisCluster> {
  await mkdir(folder, { recursive: true });
  await using started = new AsyncDisposableStack();
  const nodes: RedisServer[] = [];
  for (let number = 0; number < 3 + 3 * replicasOfEach; number++) {
    const bus = String(await freePort());
    const args = [
      ...['--cluster-enabled', 'yes', '--cluster-port', bus, '--cluster-node-timeout', '2000'],
      ...['--appendfsync', 'always', '--repl-diskless-sync-delay', '0'],
    ];
    if (tls !== undefined) args.push('--tls-cluster', 'yes', '--tls-replication', 'yes');
    if (password !== undefined) args.push('--masterauth', password);
    const secrets = { ...(password !== undefined && { password }), ...(tls !== undefined && { tls }) };
    const node = await startRedis(join(folder, `node-${number}`), { args, ...secrets });
    started.defer(() => node.stop());
    nodes.push(node);
    const [first = node] = nodes;
    if (first !== node)
      await ask(node, 'CLUSTER', 'MEET', '127.0.0.1', String(first.port), await busOf(first));
  }
  const masters = nodes.slice(0, 3);
  for (const [at, master] of masters.entries()) {
    const [from, to] = [at, at + 1].map((third) => Math.floor((third * slots) / 3));
    await ask(master, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? slots) - 1));
  }
  for (const [at, replica] of nodes.slice(3).entries()) {
    const id = await idOf(masters[at % 3] ?? replica);
    await untilSo(async () => (await ask(replica, 'CLUSTER', 'NODES')).includes(id), 'its master is known');
    await ask(replica, 'CLUSTER', 'REPLICATE', id);
  }
  for (const node of nodes) await untilSo(() => isWhole(node, nodes.length), 'the cluster is whole');
  const all = started.move();
  return {
    // That of the first, with the others behind it.
    url: `${nodes[0]?.url.replace(/^rediss?/, '$&+cluster')},${masters.slice(1).map(({ port }) => `127.0.0.1:${port}`)}`,
    ...(nodes[0]?.caFile !== undefined && { caFile: nodes[0].caFile }),
    nodes,
    ownerOf: (key) => ownerOf(nodes, key),
    moveSlot: (key, to, onMiddle) => moveSlot(nodes, key, to, onMiddle),
    stop: () => all.disposeAsync(),
  };
}

const idOf = (node: RedisServer) => ask(node, 'CLUSTER', 'MYID');

/** `ID HOST:PORT@BUS…` */
async function busOf(node: RedisServer): Promise<string> {
  return /@(\d+)\S* myself/.exec(await ask(node, 'CLUSTER', 'NODES'))?.[1] ?? '';
}

async function isWhole(node: RedisServer, size: number): Promise<boolean> {
  const info = await ask(node, 'CLUSTER', 'INFO');
  const replication = await ask(node, 'INFO', 'replication');
  const isLinked = /role:master|master_link_status:up/.test(replication);
  return isLinked && /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${size}`);
}

async function ownerOf(nodes: readonly RedisServer[], key: string): Promise<RedisServer> {
  const answers = nodes.map(async (node) => {
    const isOurs = await ask(node, 'EXISTS', key).catch(() => undefined);
    return isOurs === undefined || /role:slave/.test(await ask(node, 'INFO', 'replication')) ? [] : [node];
  });
  const [owner] = (await Promise.all(answers)).flat();
  if (owner === undefined) throw new Error(`no node has the slot of ${key}`);
  return owner;
}

async function moveSlot(
  nodes: readonly RedisServer[],
  key: string,
  to: RedisServer,
  onMiddle: () => Promise<void> = async () => {},
): Promise<void> {
  const from = await ownerOf(nodes, key);
  const slot = await ask(from, 'CLUSTER', 'KEYSLOT', key);
  await ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(from));
  await ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(to));
  const half = Math.floor(Number(await ask(from, 'CLUSTER', 'COUNTKEYSINSLOT', slot)) / 2);
  await migrate(from, to, slot, half);
  await onMiddle();
  await migrate(from, to, slot);
  // The others hear of it from these.
  for (const node of [to, from]) await ask(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', await idOf(to));
}

/** All keys of a slot, or as many as are meant. */
async function migrate(
  from: RedisServer,
  to: RedisServer,
  slot: string,
  count = Number.POSITIVE_INFINITY,
): Promise<void> {
  const atOnce = 100;
  for (let left = count; left > 0; left -= atOnce) {
    const keys = await ask(from, 'CLUSTER', 'GETKEYSINSLOT', slot, String(Math.min(left, atOnce)));
    if (keys === '') return;
    await ask(from, 'MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys.split('\n'));
  }
}
