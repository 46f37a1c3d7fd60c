import { parentPort, workerData } from 'node:worker_threads';
import { runEngine } from './engine.ts';
import {
  checkStop,
  type EngineThreadData,
  type FromEngine,
  progressTo,
  toFailure,
} from './thread-messages.ts';
import { openThreadSink } from './thread-sink.ts';

if (parentPort === null) throw new Error('this module runs in a thread of its own');
const port = parentPort;
const { task, file, stop } = workerData as EngineThreadData;

const progress = progressTo(port);

async function run(): Promise<FromEngine> {
  const check = (): void => checkStop(stop);
  const sink = openThreadSink(file, port, check);
  try {
    const outcome = await runEngine(task, { sink, check, progress });
    await sink.drained();
    return { kind: 'done', outcome };
  } catch (error) {
    return { kind: 'failed', failure: toFailure(error) };
  } finally {
    sink.close();
  }
}

port.postMessage(await run());
