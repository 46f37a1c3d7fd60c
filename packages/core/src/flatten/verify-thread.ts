import { parentPort, workerData } from 'node:worker_threads';
import { checkStop, type FromVerifier, toFailure, type VerifyThreadData } from './thread-messages.ts';
import { verifyClaims } from './verify.ts';

const { claims, stop } = workerData as VerifyThreadData;

function say(message: FromVerifier): void {
  parentPort?.postMessage(message);
}

try {
  verifyClaims(claims, () => checkStop(stop));
  say({ kind: 'done' });
} catch (error) {
  say({ kind: 'failed', failure: toFailure(error) });
}
