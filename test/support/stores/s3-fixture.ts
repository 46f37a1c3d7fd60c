import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { openStore, type S3Settings } from '@dimgx/core';
import { sharedPart } from '../parts/shared-parts.ts';
import type { StoreFixture } from './store-fixture.ts';

export interface S3Fixture extends StoreFixture {
  readonly bucket: string;
  readonly settings: S3Settings & Required<Pick<S3Settings, 'endpoint' | 'credentials'>>;
}

/** A bucket of its own in the gateway that all tests share. */
export async function s3Fixture(): Promise<S3Fixture> {
  const { endpoint, region, accessKeyId, secretAccessKey } = await sharedPart('objectGateway');
  const credentials = { accessKeyId, secretAccessKey };
  const bucket = `test-${randomUUID()}`;
  const prefix = 'some/prefix';
  const settings = { endpoint, region, credentials, partSize: 5 * 1024 * 1024 };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    bucket,
    settings,
    open: () => openStore(`s3://${bucket}/${prefix}`, settings),
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key = '' }) => Key.slice(prefix.length + 1)).sort();
    },
    async unfinished() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return Uploads.map(({ Key, UploadId }) => `${Key} ${UploadId}`);
    },
    async remove() {
      client.destroy();
    },
  };
}
