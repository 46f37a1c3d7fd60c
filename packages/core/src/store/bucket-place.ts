export interface BucketPlace {
  readonly bucket: string;
  /** A key in front of all keys, without a slash at either end; empty for none. */
  readonly prefix: string;
}

export function bucketLocation({ bucket, prefix }: BucketPlace): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}
