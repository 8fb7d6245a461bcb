import { Response, log, serve } from './weft_http_p3.js';

// Answers every request.
async function handle(request) {
  await log(request.method, request.path);
  return new Response('Hello from JavaScript\n', { headers: { 'content-type': 'text/plain' } });
}

export const handler = serve(handle);
