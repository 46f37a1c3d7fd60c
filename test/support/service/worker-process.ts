/** A worker as a process of its own, so that it can be killed. Its settings are its only argument, as JSON. */
import { serviceLog } from '@dimgx/queue';
import { startWorker, type WorkerSettings } from '@dimgx/worker';

const settings = JSON.parse(process.argv[2] ?? '{}') as Omit<WorkerSettings, 'log'>;
const worker = await startWorker({ ...settings, log: serviceLog('worker', 'warn') });
process.stdout.write('ready\n');
process.on('SIGTERM', () => void worker.close());
