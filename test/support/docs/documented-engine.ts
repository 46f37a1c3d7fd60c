import { dockerArchive } from '../images/docker-archive.ts';
import { EngineClient } from '../images/engine-client.ts';
import { layer } from '../images/layer.ts';
import { type DockerEngine, startDockerEngine } from '../parts/docker-engine.ts';

/** The images that documents and examples name. */
const names = ['debian:12', 'alpine:3', 'app:latest'];

/** An engine of one's own that has them, since others may have other images under these names. The caller stops it. */
export async function startDocumentedEngine(folder: string): Promise<DockerEngine> {
  const docker = await startDockerEngine(folder);
  const client = new EngineClient(docker.socketPath);
  for (const name of names) {
    const image = layer().directory('etc').file('etc/motd', name);
    await client.load(dockerArchive({ layers: [image], tags: [name] }, 'docker-1.10'));
  }
  return docker;
}
