import { DimgxError } from '../errors.ts';
import { DockerEngine } from './docker-daemon-engine.ts';

/**
 * The version of a Docker engine; undefined where none answers, or a proxy before it refuses. Throws `CONFIG_INVALID`
 * for a host of another form, and the reason of the signal.
 */
export async function engineVersion(
  host: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const engine = new DockerEngine(host, signal);
  try {
    return await engine.version();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DimgxError && error.code.startsWith('DOCKER_')) return undefined;
    throw error;
  } finally {
    engine.close();
  }
}
