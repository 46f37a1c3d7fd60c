import { scheduleScript } from './schedule-script.ts';

/** Writes down what became of a run by hand. KEYS: 1 the schedule. ARGV: 1 id, 2 the run as JSON, 3 as of `noteRun`. */
export const noteScheduleRun = scheduleScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then
  noteRun(ARGV[1], ARGV[2], ARGV[3])
end
`);
