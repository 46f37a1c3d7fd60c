import { parentPort, workerData } from 'node:worker_threads';
import type { ByteSink } from '../compress/block-compressor.ts';
import { runEngine } from './engine.ts';
import { FileSink } from './file-sink.ts';
import { PortSink } from './port-sink.ts';
import {
  checkStop,
  type EngineThreadData,
  type FromEngine,
  progressTo,
  toFailure,
} from './thread-messages.ts';

if (parentPort === null) throw new Error('this module runs in a thread of its own');
const port = parentPort;
const { task, file, stop } = workerData as EngineThreadData;

const progress = progressTo(port);

async function run(): Promise<FromEngine> {
  const check = (): void => checkStop(stop);
  const ports = new PortSink(port, check);
  const sink: ByteSink = file === undefined ? ports : new FileSink(file, check);
  try {
    const outcome = await runEngine(task, { sink, check, progress });
    await ports.drained();
    return { kind: 'done', outcome };
  } catch (error) {
    return { kind: 'failed', failure: toFailure(error) };
  } finally {
    ports.close();
  }
}

port.postMessage(await run());
