// HTTP components of WASI 0.3 in JavaScript, for the engine of componentize-qjs (QuickJS), which has no fetch, no console and no
// TextEncoder: write a function from a Request to a Response, and export what serve() makes of it.
//
//   import { Response, serve } from './weft_http_p3.js';
//   async function handle(request) {
//     return new Response('Hello\n', { headers: { 'content-type': 'text/plain' } });
//   }
//   export const handler = serve(handle);
//
// It runs on every host of wasi:http 0.3.
import { Fields, Request as IncomingRequest, Response as OutgoingResponse } from 'wasi:http/types@0.3.0';
import { writeViaStream } from 'wasi:cli/stdout@0.3.0';

const ok = { tag: 'ok', val: undefined };

export const encode = (text) => Uint8Array.from(unescape(encodeURIComponent(text)), (c) => c.charCodeAt(0));
export function decode(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return decodeURIComponent(escape(text));
}

async function* once(bytes) {
  if (bytes.length > 0) yield bytes;
}

// A line on standard output.
export async function log(...words) {
  await writeViaStream(once(encode(`${words.join(' ')}\n`)));
}

// A request as it came; bytes() and text() read the rest of it.
export class Request {
  constructor(incoming) {
    const method = incoming.getMethod();
    const target = incoming.getPathWithQuery() ?? '/';
    const mark = target.indexOf('?');
    this.method = method.tag === 'other' ? method.val : method.tag.toUpperCase();
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    // Names are in lower case; of several values the last.
    this.headers = new Map(incoming.getHeaders().copyAll().map(([name, value]) => [name.toLowerCase(), latin1(value)]));
    this.incoming = incoming;
  }

  // All of the body; call it once. A RangeError when it has more bytes.
  async bytes(maxBytes = 10 << 20) {
    const [stream, end] = IncomingRequest.consumeBody(this.incoming, Promise.resolve(ok));
    const pieces = [];
    let size = 0;
    for await (const piece of stream) {
      size += piece.length;
      if (size > maxBytes) throw new RangeError(`the body has more than ${maxBytes} bytes`);
      pieces.push(piece);
    }
    const ended = await end;
    if (ended.tag === 'err') throw new Error(`not all of the body came: ${ended.val.tag}`);
    const body = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      body.set(piece, at);
      at += piece.length;
    }
    return body;
  }

  async text(maxBytes) {
    return decode(await this.bytes(maxBytes));
  }
}

function latin1(bytes) {
  return String.fromCharCode(...bytes);
}

// `body`: a text or bytes.
export class Response {
  constructor(body = '', { status = 200, headers = {} } = {}) {
    this.body = typeof body === 'string' ? encode(body) : body;
    this.status = status;
    this.headers = headers;
  }
}

// The body is sent after the response was returned.
function outgoing(response) {
  const fields = Fields.fromList(Object.entries(response.headers).map(([name, value]) => [name, encode(value)]));
  const [made] = OutgoingResponse.new(fields, once(response.body), Promise.resolve(ok));
  made.setStatusCode(response.status);
  return made;
}

// What exports `handler` for the engine. An exception of `handle` is status 500, and told on standard output.
export function serve(handle) {
  return {
    async handle(incoming) {
      let response;
      try {
        response = await handle(new Request(incoming));
      } catch (error) {
        await log(`${error}\n${error?.stack ?? ''}`);
        response = new Response('Internal Server Error\n', { status: 500, headers: { 'content-type': 'text/plain' } });
      }
      return outgoing(response);
    },
  };
}
