import { constants, setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type FromThread, type ThreadData, type ToThread, toFailure } from './thread-messages.ts';

/** Does in this thread what the main thread asks for, one piece of work after the other, until there is no more. */
export function doWork<W extends object, R>(work: (work: W, port: MessagePort) => Promise<R>): void {
  if (parentPort === null) throw new Error('this module runs in a thread of its own');
  const port = parentPort;
  // `Threads` of this module made it.
  if ((workerData as ThreadData).background) letOthersGoFirst();
  const lastWord = async (asked: W): Promise<FromThread<R>> => {
    try {
      return { kind: 'done', outcome: await work(asked, port) };
    } catch (error) {
      return { kind: 'failed', failure: toFailure(error) };
    }
  };
  const hear = async (message: ToThread): Promise<void> => {
    if (message === 'end') port.off('message', hear);
    // `Threads.work` of this thread's own module sends it.
    else if (typeof message === 'object') port.postMessage(await lastWord(message.work as W));
  };
  port.on('message', hear);
}

/** Linux alone gives each thread a priority of its own: setpriority(2), BUGS. */
function letOthersGoFirst(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
