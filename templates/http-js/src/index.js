// Answers every request.
async function handle(request) {
  const { pathname } = new URL(request.url);
  console.log(`${request.method} ${pathname}`);
  return new Response('Hello from JavaScript\n', { headers: { 'content-type': 'text/plain' } });
}

addEventListener('fetch', (event) => event.respondWith(handle(event.request)));
