/** A process that starts an upload, says so, and is then good for nothing but to be killed. */
import { openStore, type S3Settings } from '@dimgx/core';

const [location = '', key = '', settings = '{}'] = process.argv.slice(2);
const store = openStore(location, JSON.parse(settings) as S3Settings);
const { signal } = new AbortController();
const upload = await store.upload(key, { mediaType: 'application/octet-stream', signal });
for (let written = 0; written < 12; written++) await upload.write(Buffer.alloc(1024 * 1024, written));
process.stdout.write('uploading\n');
process.stdin.resume();
