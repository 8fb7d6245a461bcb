interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}

async function handle(request: Request): Promise<Response> {
  const name: string = await request.text();
  return new Response(`Hello, ${name}, from TypeScript\n`, { headers: { 'content-type': 'text/plain' } });
}

addEventListener('fetch', (event) => {
  const { request, respondWith } = event as FetchEvent;
  respondWith.call(event, handle(request));
});
