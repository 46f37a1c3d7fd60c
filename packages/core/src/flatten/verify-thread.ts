import { checkStop, type VerifyWork } from './thread-messages.ts';
import { doWork } from './thread-work.ts';
import { verifyClaims } from './verify.ts';

doWork(async ({ claims, stop }: VerifyWork) => verifyClaims(claims, () => checkStop(stop)));
