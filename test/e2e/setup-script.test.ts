import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { watchForLeaks } from '../support/leak-check.ts';
import { commandPath } from '../support/parts/command-path.ts';
import { needs } from '../support/parts/needs.ts';

const { own } = watchForLeaks();
const script = fileURLToPath(new URL('../../scripts/setup', import.meta.url));

/** A checkout with nothing in it but the script, and machines with few commands. */
const checkout = join(own, 'checkout');
const machines = { bare: join(own, 'bare'), debian: join(own, 'debian') };

beforeAll(() => {
  mkdirSync(join(checkout, 'scripts'), { recursive: true });
  cpSync(script, join(checkout, 'scripts/setup'));
  for (const commands of Object.values(machines)) {
    mkdirSync(commands);
    for (const name of ['bash', 'cut', 'dirname', 'id', 'mkdir', 'mktemp', 'rm', 'tail', 'tr']) {
      symlinkSync(commandPath(name) ?? name, join(commands, name));
    }
  }
  const aptGet = join(machines.debian, 'apt-get');
  writeFileSync(aptGet, '#!/bin/sh\necho "no network" >&2\nexit 100\n');
  chmodSync(aptGet, 0o755);
});

function setup(what: string[], machine: keyof typeof machines): { code: number | null; lines: string[] } {
  const { status, stderr } = spawnSync('/bin/bash', [join(checkout, 'scripts/setup'), ...what], {
    env: { PATH: machines[machine] },
    encoding: 'utf8',
    // Somebody without privilege.
    uid: 65_534,
    gid: 65_534,
  });
  return { code: status, lines: stderr.trimEnd().split('\n') };
}

needs('redis')('scripts/setup', () => {
  test('prints where the Redis server is when there is one', () => {
    const { status, stdout } = spawnSync('bash', [script, 'run'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${commandPath('redis-server', 'valkey-server')}\n`,
    });
  });
});

needs('root')('scripts/setup without privilege', () => {
  test('says how it is used', () => {
    expect(setup(['everything'], 'bare')).toEqual({
      code: 1,
      lines: ['setup: usage: scripts/setup run|test'],
    });
  });

  test('says what to do where there is no apt', () => {
    expect(setup(['run'], 'bare')).toEqual({
      code: 3,
      lines: ['setup: no apt-get here: install redis-server (or valkey), or set REDIS_URL'],
    });
  });

  test('says what to do when Redis can not be fetched, and shows why', () => {
    const { code, lines } = setup(['run'], 'debian');
    expect(code).toBe(4);
    expect(lines.at(-1)).toMatch(/run `apt-get install redis-server` as root, or set REDIS_URL$/);
  });

  test('names each part that the tests lack, and the command that installs them', () => {
    const { code, lines } = setup(['test'], 'debian');
    expect(code).toBe(4);
    expect(lines).toContain('setup: missing: skopeo (package skopeo)');
    expect(lines.at(-1)).toMatch(/^setup: run as root: apt-get install --no-install-recommends .*skopeo/);
  });
});
