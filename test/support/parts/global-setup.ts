import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

/** Starts the broker of the run's parts; the function it returns has it stop them and waits for that. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = spawn(process.execPath, [fileURLToPath(new URL('broker.ts', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(broker, 'exit');
  const lines = createInterface(broker.stdout);
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [unknown];
  if (typeof line !== 'string') throw new Error('the broker of the test parts did not start');
  const { partsUrl, runFolder } = JSON.parse(line) as { partsUrl: string; runFolder: string };
  project.provide('partsUrl', partsUrl);
  project.provide('runFolder', runFolder);
  return async () => {
    broker.stdin.end();
    await ended;
  };
}
