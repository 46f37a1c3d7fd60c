import { runEngine } from './engine.ts';
import { checkStop, type EngineWork, progressTo } from './thread-messages.ts';
import { openThreadSink } from './thread-sink.ts';
import { doWork } from './thread-work.ts';

doWork(async ({ task, file, stop }: EngineWork, port) => {
  const check = (): void => checkStop(stop);
  const sink = openThreadSink(file, port, check);
  try {
    const outcome = await runEngine(task, { sink, check, progress: progressTo(port) });
    await sink.drained();
    return outcome;
  } finally {
    await sink.close();
  }
});
