import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { needs } from './needs.ts';
import { sharedPart } from './shared-parts.ts';

needs('redis')('the broker of the shared parts', () => {
  test('starts a part once for everybody', async () => {
    const [one, another] = await Promise.all([sharedPart('redis'), sharedPart('redis')]);
    expect(another).toEqual(one);
    expect(one.url).toBe(`redis://127.0.0.1:${one.port}`);
  });

  test('stops the parts and removes the folder when the run that started it is gone', async () => {
    const program = fileURLToPath(new URL('broker.ts', import.meta.url));
    const broker = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(broker.stdout), 'line')) as [string];
    const { partsUrl, runFolder } = JSON.parse(line) as { partsUrl: string; runFolder: string };
    const { pid } = (await (await fetch(`${partsUrl}/redis`)).json()) as { pid: number };
    expect(process.kill(pid, 0)).toBe(true);
    broker.stdin.end();
    await once(broker, 'exit');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(access(runFolder)).rejects.toThrow('ENOENT');
  });

  test('tells why a part did not start', async () => {
    await expect(sharedPart('nonsense' as 'redis')).rejects.toThrow('there is no part nonsense');
  });
});
