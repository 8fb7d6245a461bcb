interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}

/** Answers every request. */
async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  console.log(`${request.method} ${pathname}`);
  return new Response('Hello from TypeScript\n', { headers: { 'content-type': 'text/plain' } });
}

addEventListener('fetch', (event) => {
  const { request, respondWith } = event as FetchEvent;
  respondWith.call(event, handle(request));
});
