// Receives alerts and shows those that are really from Isobar: node webhook-receiver.mjs PORT SECRET
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const [port, secret] = process.argv.slice(2);
const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
const seen = new Set();

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = request.headers;
  const expected = Buffer.from(createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64'));
  const isOurs = signatures
    .split(' ')
    .map((signature) => Buffer.from(signature.replace('v1,', '')))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
  const isRecent = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
  response.writeHead(isOurs && isRecent ? 204 : 401).end();
  // What was delivered before comes again when the answer got lost.
  if (!isOurs || !isRecent || seen.has(id)) return;
  seen.add(id);
  for (const { severity, text } of JSON.parse(body).data.lines) console.log(`${severity} ${text}`);
}).listen(Number(port), '127.0.0.1', () => console.log(`listening on port ${port}`));
