import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const store = join(import.meta.dirname, '../../src/store');
const operations = join(import.meta.dirname, '../../../../docs/operations.md');

/** What AWS asks of whoever sends a command. */
const rightOf: Readonly<Record<string, string>> = {
  AbortMultipartUploadCommand: 's3:AbortMultipartUpload',
  CompleteMultipartUploadCommand: 's3:PutObject',
  CreateMultipartUploadCommand: 's3:PutObject',
  DeleteObjectCommand: 's3:DeleteObject',
  GetObjectCommand: 's3:GetObject',
  HeadObjectCommand: 's3:GetObject',
  ListMultipartUploadsCommand: 's3:ListBucketMultipartUploads',
  ListObjectsV2Command: 's3:ListBucket',
  PutObjectCommand: 's3:PutObject',
  UploadPartCommand: 's3:PutObject',
};

const policySchema = z.object({ Statement: z.array(z.object({ Action: z.array(z.string()) })) });

test('the policy of docs/operations.md has the rights that the store needs, and no other', () => {
  const sources = globSync('*.ts', { cwd: store }).map((file) => readFileSync(join(store, file), 'utf8'));
  const commands = sources.flatMap((source) => source.match(/(?<=new )\w+Command(?=\()/g) ?? []);
  const needed = commands.map((command) => rightOf[command] ?? `the right of ${command}`);
  const [, policy = ''] = /```json\n(\{\s+"Version".*?)```/s.exec(readFileSync(operations, 'utf8')) ?? [];
  const told = policySchema.parse(JSON.parse(policy)).Statement.flatMap(({ Action }) => Action);
  expect(told.toSorted()).toEqual([...new Set(needed)].sort());
});
