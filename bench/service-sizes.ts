/** Requests, and jobs that are added, at once. */
export const atOnce = 20;

/** Jobs that a worker does at a time. */
export const workerConcurrency = 4;
