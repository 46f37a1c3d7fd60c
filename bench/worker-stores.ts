import { mkdir, rm } from 'node:fs/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startObjectGateway } from '../test/support/parts/object-gateway.ts';
import { whyMissing } from '../test/support/parts/requirements.ts';

/** An empty store, for one run. */
export interface OpenedStore {
  /** What names it in a worker's environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Removes it with all that it holds. */
  remove(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  open(folder: string): Promise<OpenedStore>;
}

const directory: StoreKind = {
  name: 'a directory',
  async open(folder) {
    await mkdir(folder, { recursive: true });
    const remove = () => rm(folder, { recursive: true });
    return { settings: { DIMGX_STORE: `file:${folder}` }, remove };
  },
};

/** A gateway of its own each time: it holds all in memory, and keeps what is removed for hours. */
const s3: StoreKind = {
  name: 'S3',
  async open(folder) {
    const { endpoint, region, accessKeyId, secretAccessKey, stop } = await startObjectGateway(folder);
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'bench' }));
    client.destroy();
    return {
      settings: {
        DIMGX_STORE: 's3://bench/artifacts',
        S3_ENDPOINT: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
      async remove() {
        await stop();
        await rm(folder, { recursive: true });
      },
    };
  },
};

/** Those that this machine can have; the directory comes first. */
export function storeKinds(): [StoreKind, ...StoreKind[]] {
  const reason = whyMissing('objectGateway');
  if (reason === undefined) return [directory, s3];
  process.stderr.write(`worker: without S3, ${reason}\n`);
  return [directory];
}
