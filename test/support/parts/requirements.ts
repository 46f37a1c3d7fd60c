import { commandPath } from './command-path.ts';
import { redisCommands } from './redis.ts';
import { redisClients } from './redis-cli.ts';

interface Requirement {
  /** Each must be installed; of a group, one. */
  readonly commands: readonly (string | readonly string[])[];
  readonly root?: boolean;
}

/** What tests may need, and what each of it needs of the machine. Servers are started once a run, on demand. */
export const requirements = {
  redis: { commands: [redisCommands] },
  redisClient: { commands: [redisClients] },
  docker: { commands: ['dockerd'], root: true },
  dockerCommand: { commands: ['docker'] },
  registry: { commands: ['docker-registry', 'perl'] },
  objectGateway: { commands: ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph'] },
  realImages: { commands: ['dockerd', 'debootstrap', 'apt-get'], root: true },
  skopeo: { commands: ['skopeo'] },
  umoci: { commands: ['umoci'], root: true },
  browser: { commands: ['chromium'] },
  jq: { commands: ['jq', 'curl'] },
  mount: { commands: ['mount', 'umount'], root: true },
  bsdtar: { commands: ['bsdtar'] },
  python: { commands: ['/usr/bin/python3'] },
  root: { commands: [], root: true },
} as const satisfies Record<string, Requirement>;

export type RequirementName = keyof typeof requirements;

/** Why `name` can't be had on this machine; undefined if it can. */
export function whyMissing(name: RequirementName): string | undefined {
  const requirement: Requirement = requirements[name];
  for (const alternatives of requirement.commands) {
    const names = typeof alternatives === 'string' ? [alternatives] : alternatives;
    if (commandPath(...names) === undefined)
      return `${names.join(' or ')} is not installed: scripts/setup test`;
  }
  if (requirement.root === true && process.getuid?.() !== 0) return `${name} needs root`;
  return undefined;
}
