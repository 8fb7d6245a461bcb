// Answers every request with one line of text, in JavaScript.
addEventListener('fetch', (event) => {
  event.respondWith(new Response('Hello from JavaScript\n', { headers: { 'content-type': 'text/plain' } }));
});
