export { type WorkerSettings, workerDefaults } from './settings.ts';
export { type RunningWorker, startWorker } from './start-worker.ts';
