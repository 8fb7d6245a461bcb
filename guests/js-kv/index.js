// A key-value store over HTTP, without an SDK: PUT and POST set the path's value (204), DELETE removes it (204), GET
// answers it, or 404.
import { Store } from 'fermyon:spin/key-value@2.0.0';

addEventListener('fetch', (event) => event.respondWith(handle(event.request)));

async function handle(request) {
  const key = new URL(request.url).pathname;
  const store = Store.open('default');
  switch (request.method) {
    case 'PUT':
    case 'POST':
      store.set(key, new Uint8Array(await request.arrayBuffer()));
      return new Response(null, { status: 204 });
    case 'DELETE':
      store.delete(key);
      return new Response(null, { status: 204 });
    default: {
      const value = store.get(key);
      return value ? new Response(value) : new Response('not found\n', { status: 404 });
    }
  }
}
