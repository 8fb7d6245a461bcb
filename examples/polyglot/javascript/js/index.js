async function handle(request) {
  const name = await request.text();
  return new Response(`Hello, ${name}, from JavaScript\n`, { headers: { 'content-type': 'text/plain' } });
}

addEventListener('fetch', (event) => event.respondWith(handle(event.request)));
