import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

// What `POST /v1/callbacks` told when the endpoint was registered.
const secret = process.env.DIMGX_CALLBACK_SECRET;
if (!secret) {
  console.error('set DIMGX_CALLBACK_SECRET to the secret that POST /v1/callbacks told');
  process.exit(1);
}
const webhook = new Webhook(secret);
const port = Number(process.env.PORT ?? 3000);
const maxBody = 1024 * 1024;

// An event may come twice. Keep the ids where they outlive a restart, if doing the same twice does harm.
const seen = new Set();

const server = createServer(async (request, response) => {
  const body = await bodyOf(request);
  let event;
  try {
    event = webhook.verify(body, request.headers);
  } catch (error) {
    console.error(`refused: ${error.message}`);
    return response.writeHead(401).end();
  }
  // Answer first: whoever takes longer than 15 seconds is sent the same again.
  response.writeHead(204).end();
  const id = request.headers['webhook-id'];
  if (seen.has(id)) return;
  seen.add(id);
  handle(event);
});

function handle({ type, data }) {
  if (type === 'job.completed') console.log(`${data.id} completed: ${data.result?.artifact?.key ?? ''}`);
  else if (type === 'job.failed') console.log(`${data.id} failed: ${data.error.code}: ${data.error.message}`);
  else console.log(`${type}: ${data.id ?? ''}`);
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBody) return request.destroy();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
