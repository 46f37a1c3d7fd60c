/**
 * The health check of the container image: exit code 0 if the part that the container runs is well, else 1 and a line
 * that Docker keeps. It loads nothing but Node, since it runs again and again.
 */
import { readFile, stat } from 'node:fs/promises';

const answerWithin = 5000;
/** A worker writes it every ten seconds. Milliseconds. */
const heartbeatLimit = 60_000;

try {
  await check();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

/** The container's first process, be it dimgx or an init before it, has the part's name among its arguments. */
async function check(): Promise<void> {
  const command = await readFile('/proc/1/cmdline', 'utf8');
  const [, part] = /\0(api|worker)\0/.exec(command) ?? [];
  if (part === 'api') return checkApi(process.env);
  if (part === 'worker') return checkWorker(process.env);
}

async function checkApi({ DIMGX_HOST = '', DIMGX_PORT = '' }: NodeJS.ProcessEnv): Promise<void> {
  const isAnywhere = ['', '0.0.0.0', '::'].includes(DIMGX_HOST);
  const url = `http://${isAnywhere ? '127.0.0.1' : DIMGX_HOST}:${DIMGX_PORT || '8080'}/livez`;
  const { status } = await fetch(url, { signal: AbortSignal.timeout(answerWithin) });
  if (status !== 200) throw new Error(`${url} answers ${status}`);
}

async function checkWorker({ DIMGX_HEARTBEAT_FILE: file }: NodeJS.ProcessEnv): Promise<void> {
  if (file === undefined) throw new Error('DIMGX_HEARTBEAT_FILE is not set');
  const age = Date.now() - (await stat(file)).mtimeMs;
  if (age > heartbeatLimit) throw new Error(`no heartbeat for ${Math.round(age / 1000)} seconds`);
}
