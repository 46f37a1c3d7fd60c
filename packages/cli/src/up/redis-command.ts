import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DimgxError } from '@dimgx/core';

/**
 * The path of a redis-server: the set-up script finds one, or installs it where it may; what it does is shown on
 * stderr. Throws `PART_MISSING`.
 */
export async function findRedisCommand(signal: AbortSignal): Promise<string> {
  const setup = await setupScript();
  if (setup === undefined) throw missing('there is no set-up script beside this command');
  const child = spawn('bash', [setup, 'run'], { stdio: ['ignore', 'pipe', 'inherit'], signal });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close').catch((error: unknown) => {
    signal.throwIfAborted();
    throw missing('the set-up script could not be run', error);
  });
  signal.throwIfAborted();
  const path = output.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0 || !path.startsWith('/')) throw missing(`the set-up script ended with code ${code}`);
  return path;
}

function missing(why: string, cause?: unknown): DimgxError {
  return new DimgxError('PART_MISSING', `no redis-server (${why}); install one, or set REDIS_URL`, { cause });
}

/** `scripts/setup` of the checkout that this file is part of. */
async function setupScript(): Promise<string | undefined> {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const script = join(folder, 'scripts/setup');
    const found = await access(script, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (found) return script;
  }
  return undefined;
}
