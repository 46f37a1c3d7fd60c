import type { ComposeService } from './compose-file.ts';

/**
 * What `docker run` must be told to run a service as `docker-compose.yml` has it, but on the host's network: the
 * engine of the tests has no other. `environment` replaces what the file says of where things are.
 */
export function runOptions(service: ComposeService, environment: Readonly<Record<string, string>>): string[] {
  const each = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value]);
  const variables = Object.entries({ ...service.environment, ...environment });
  return [
    ...['--network', 'host'],
    ...(service.read_only ? ['--read-only'] : []),
    ...(service.init ? ['--init'] : []),
    ...each('--cap-drop', service.cap_drop),
    ...each('--security-opt', service.security_opt),
    ...each('--tmpfs', service.tmpfs),
    ...each('--group-add', service.group_add),
    ...each('--volume', service.volumes),
    ...each(
      '--env',
      variables.map(([name, value]) => `${name}=${value}`),
    ),
  ];
}

/** Seconds of a duration such as `1m` or `40s`. */
export function seconds(duration: string): number {
  const [, number, unit] = /^(\d+)([ms])$/.exec(duration) ?? [];
  if (number === undefined) throw new Error(`${duration} is no duration that is read here`);
  return Number(number) * (unit === 'm' ? 60 : 1);
}
