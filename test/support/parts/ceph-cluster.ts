import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** One monitor and one in-memory object store: the least that an object gateway runs on. Nothing is kept. */
export interface CephCluster {
  /** What every Ceph command needs to find this cluster. */
  readonly args: readonly string[];
  stop(): Promise<void>;
}

const run = promisify(execFile);

export async function startCephCluster(folder: string, gatewayPort: number): Promise<CephCluster> {
  const fsid = randomUUID();
  const monitorPort = await freePort();
  const configFile = join(folder, 'ceph.conf');
  for (const name of ['run', 'log', 'mon', 'osd', 'gateway']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(configFile, cephConfig(folder, fsid, monitorPort, gatewayPort));
  const args = ['--conf', configFile];
  await createMonitor(folder, fsid, monitorPort, args);
  const started: ServerProcess[] = [];
  // In the reverse order of their start: the store reports its end to the monitor.
  const stop = async () => {
    for (const server of started.toReversed()) await server.stop();
  };
  try {
    started.push(await startMonitor(folder, args));
    started.push(await startObjectStore(folder, args));
  } catch (error) {
    await stop();
    throw error;
  }
  return { args, stop };
}

function cephConfig(folder: string, fsid: string, monitorPort: number, gatewayPort: number): string {
  return `[global]
fsid = ${fsid}
mon_initial_members = a
mon_host = [v2:127.0.0.1:${monitorPort}/0]
public_network = 127.0.0.0/8
cluster_network = 127.0.0.0/8
ms_bind_msgr1 = false
keyring = ${folder}/keyring
run_dir = ${folder}/run
pid_file = ${folder}/run/$name.pid
admin_socket = ${folder}/run/$name.asok
log_file = ${folder}/log/$name.log
# One copy of everything, without the warnings that this is unwise.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
auth_allow_insecure_global_id_reclaim = false
mon_data_avail_warn = 2
mon_data_avail_crit = 1
[mon]
mon_data = ${folder}/mon/a
[osd]
osd_data = ${folder}/osd/0
osd_objectstore = memstore
memstore_device_bytes = 4294967296
[client.gateway]
rgw_data = ${folder}/gateway
rgw_frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw_run_sync_thread = false
rgw_enable_usage_log = false
rgw_thread_pool_size = 32
rgw_override_bucket_index_max_shards = 1
`;
}

async function createMonitor(folder: string, fsid: string, port: number, args: string[]): Promise<void> {
  const keyring = join(folder, 'keyring');
  const monmap = join(folder, 'monmap');
  const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *'];
  await run('ceph-authtool', [
    '--create-keyring',
    keyring,
    '--gen-key',
    '-n',
    'mon.',
    '--cap',
    'mon',
    'allow *',
  ]);
  for (const name of ['client.admin', 'osd.0', 'client.gateway']) {
    await run('ceph-authtool', [keyring, '--gen-key', '-n', name, ...all]);
  }
  const address = `[v2:127.0.0.1:${port}]`;
  await run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', address, monmap]);
  await mkdir(join(folder, 'mon', 'a'), { recursive: true });
  await run('ceph-mon', ['--mkfs', '-i', 'a', '--monmap', monmap, '--keyring', keyring, ...args]);
}

function startMonitor(folder: string, args: string[]): Promise<ServerProcess> {
  return startServer({
    command: 'ceph-mon',
    args: ['-f', '-i', 'a', ...args],
    logFile: join(folder, 'log', 'mon.out'),
    // Answers only once the monitor has elected itself.
    isReady: () => run('ceph', ['quorum_status', ...args], { timeout: 10_000 }).then(() => true),
  });
}

async function startObjectStore(folder: string, args: string[]): Promise<ServerProcess> {
  const uuid = randomUUID();
  await run('ceph', ['osd', 'new', uuid, ...args]);
  await mkdir(join(folder, 'osd', '0'), { recursive: true });
  await run('ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', uuid, ...args]);
  return startServer({
    command: 'ceph-osd',
    args: ['-f', '-i', '0', ...args],
    logFile: join(folder, 'log', 'osd.out'),
    async isReady() {
      const { stdout } = await run('ceph', ['osd', 'stat', '-f', 'json', ...args]);
      return /"num_up_osds":\s*1/.test(stdout);
    },
  });
}
