import type { IncomingMessage } from 'node:http';

/** Headers of a request as the endpoint reads them: those of a `Request`, or of a message that Node received. */
export type RequestHeaders = Pick<Headers, 'get' | 'has'>;

/** A request on its way to the endpoint, whoever received it. */
export interface Incoming {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: RequestHeaders;
  /**
   * Reads the body to its end, also where it is too large, so that the client gets the response instead of a reset connection.
   * Resolves with the bytes, or with their number where there are more than the limit. At most once.
   */
  read(limit: number): Promise<Uint8Array<ArrayBuffer> | number>;
}

/** The path of a request, as an `URL` has it. Clients ask for the same few addresses, and to take one apart is a twentieth of a request. */
export function pathOf({ url }: Pick<Incoming, 'url'>): string {
  if (url !== latest.url) latest = { url, path: new URL(url).pathname };
  return latest.path;
}

let latest = { url: '', path: '' };

/** A web standard request. */
export function fromRequest(request: Request): Incoming {
  return {
    method: request.method,
    url: request.url,
    headers: request.headers,
    read: (limit) => readWeb(request, limit),
  };
}

async function readWeb(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | number> {
  const announced = request.headers.get('content-length');
  // Reading a whole body costs a fraction of what its stream costs.
  if (announced !== null && Number(announced) <= limit) {
    const whole = new Uint8Array(await request.arrayBuffer());
    return whole.byteLength <= limit ? whole : whole.byteLength;
  }
  const pieces = new Pieces(limit);
  if (request.body) {
    const reader = request.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.take(value);
    }
  }
  return pieces.whole();
}

/** A host and a path that mean the same in an URL as on the wire; a request with others is left to a library. */
const PLAIN_HOST = /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:.]+\])(?::\d{1,5})?$/;
const PLAIN_PATH = /^\/(?:[\w\-.~!$&'()*+,;=:@%/]*[\w\-~!$&'()*+,;=:@%])?(?:\/?\?[\w\-.~!$&'()*+,;=:@%/?[\]]*)?$/;

/** A request that Node received; `null` for one whose address needs interpretation. */
export function fromNode(message: IncomingMessage): Incoming | null {
  const { method, url, headers } = message;
  const { host } = headers;
  if (method === undefined || url === undefined || host === undefined) return null;
  if (!PLAIN_HOST.test(host) || !PLAIN_PATH.test(url) || url.startsWith('//') || /\/\.{1,2}(\/|$|\?)/.test(url))
    return null;
  return {
    method,
    url: `http://${host}${url}`,
    headers: {
      get: (name) => headerOf(message, name),
      has: (name) => headers[name] !== undefined,
    },
    read: (limit) => readNode(message, limit),
  };
}

/** Of the headers that clients of this API send, those of which Node keeps only the first value or joins the values otherwise than `Headers`. */
const OWN_WAY = new Set(['authorization', 'content-type', 'cookie', 'host', 'referer', 'user-agent']);

/** The values of a header, joined. Node has joined those of most headers by then; all values apart cost as much as a parsed body. */
function headerOf(message: IncomingMessage, name: string): string | null {
  const value = message.headers[name];
  if (typeof value !== 'string') return null;
  return OWN_WAY.has(name) ? (message.headersDistinct[name]?.join(', ') ?? null) : value;
}

function readNode(message: IncomingMessage, limit: number): Promise<Uint8Array<ArrayBuffer> | number> {
  return new Promise((resolve, reject) => {
    const pieces = new Pieces(limit);
    message.on('data', (piece: Uint8Array) => pieces.take(piece));
    message.once('end', () => resolve(pieces.whole()));
    message.once('error', reject);
    message.once('close', () => {
      if (!message.complete) reject(new Error('the client closed the connection within its request'));
    });
  });
}

/** Collects what arrives up to a limit, and counts beyond. */
class Pieces {
  private readonly kept: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly limit: number) {}

  take(piece: Uint8Array): void {
    this.size += piece.byteLength;
    if (this.size <= this.limit) this.kept.push(piece);
  }

  /** The bytes, or their number where they are too many. */
  whole(): Uint8Array<ArrayBuffer> | number {
    if (this.size > this.limit) return this.size;
    const [first] = this.kept;
    if (this.kept.length === 1) return first as Uint8Array<ArrayBuffer>;
    const bytes = new Uint8Array(this.size);
    let offset = 0;
    for (const piece of this.kept) {
      bytes.set(piece, offset);
      offset += piece.byteLength;
    }
    return bytes;
  }
}
