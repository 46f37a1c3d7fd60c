import { parentPort, workerData } from 'node:worker_threads';
import {
  checkStop,
  type FromThread,
  progressTo,
  type StopFlag,
  toFailure,
} from '../flatten/thread-messages.ts';
import { type LayerUsage, measureUsage, type UsageTask } from './measure-usage.ts';

export interface UsageThreadData {
  readonly task: UsageTask;
  readonly stop: StopFlag;
}

if (parentPort === null) throw new Error('this module runs in a thread of its own');
const port = parentPort;
const { task, stop } = workerData as UsageThreadData;

async function run(): Promise<FromThread<readonly LayerUsage[]>> {
  try {
    const outcome = await measureUsage(task, { check: () => checkStop(stop), progress: progressTo(port) });
    return { kind: 'done', outcome };
  } catch (error) {
    return { kind: 'failed', failure: toFailure(error) };
  }
}

port.postMessage(await run());
