import { checkStop, progressTo, type StopFlag } from '../flatten/thread-messages.ts';
import { doWork } from '../flatten/thread-work.ts';
import { measureUsage, type UsageTask } from './measure-usage.ts';

export interface UsageWork {
  readonly task: UsageTask;
  readonly stop: StopFlag;
}

doWork(({ task, stop }: UsageWork, port) =>
  measureUsage(task, { check: () => checkStop(stop), progress: progressTo(port) }),
);
