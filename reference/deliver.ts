import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

type Bytes = ReadableStream<Uint8Array>;

/**
 * Makes a response behave in the hands of msw as it would behind a socket: coded bodies are decoded, or break where they
 * cannot be; a body that breaks off is what `fetch` makes of a reset connection; a client that hangs up stops the body.
 */
export function deliver(response: Response, request: Request): Response {
  if (response.body === null) return response;
  const headers = new Headers(response.headers);
  const body = decoded(response.body, headers);
  return new Response(leavable(body, request.signal), { status: response.status, headers });
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** msw would decode the body too, and end in an unhandled rejection where the label lies. Takes the label off. */
function decoded(body: Bytes, headers: Headers): Bytes {
  const decoder = DECODERS[headers.get('content-encoding')?.toLowerCase() ?? '']?.();
  if (!decoder) return body;
  headers.delete('content-encoding');
  const plain = pipeline(Readable.fromWeb(body as never), decoder, () => {});
  return Readable.toWeb(plain as unknown as Readable) as Bytes;
}

/**
 * A body that its client may leave at any time. msw splits every body to show it to listeners of its events, and a body
 * that is split the usual way keeps a client that hangs up waiting for those: here they see what the client has read.
 */
function leavable(body: Bytes, hangup: AbortSignal): Bytes {
  const reader = body.getReader();
  const outlets: ReadableStreamDefaultController<Uint8Array>[] = [];
  let ended = false;
  const end = (last: (outlet: ReadableStreamDefaultController<Uint8Array>) => void): void => {
    if (ended) return;
    ended = true;
    for (const outlet of outlets) last(outlet);
  };
  /** Waits for nothing: the body may be in the middle of a silence. */
  const stop = (reason: unknown): void => void reader.cancel(reason).catch(() => {});

  const source: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      outlets.push(controller);
    },
    async pull() {
      try {
        const { done, value } = await reader.read();
        if (done) end((outlet) => outlet.close());
        else if (!ended) for (const outlet of outlets) outlet.enqueue(value);
      } catch (cause) {
        end((outlet) => outlet.error(new TypeError('terminated', { cause })));
      }
    },
    cancel(reason) {
      outlets.shift();
      end((outlet) => outlet.close());
      stop(reason);
    },
  };
  const stream: Bytes = new ReadableStream(source, { highWaterMark: 0 });
  stream.tee = () => [stream, new ReadableStream({ start: (copy) => void outlets.push(copy) })];
  hangup.addEventListener('abort', () => {
    end((outlet) => outlet.error(hangup.reason));
    stop(hangup.reason);
  });
  return stream;
}
