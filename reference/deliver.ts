import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

type Bytes = ReadableStream<Uint8Array>;

/**
 * Makes a response behave in msw as it would on a socket: compressed bodies are decoded, or fail where they cannot be; a
 * truncated body fails like a reset connection in `fetch`; a client that disconnects stops the body.
 */
export function deliver(response: Response, request: Request): Response {
  if (response.body === null) return response;
  const headers = new Headers(response.headers);
  const body = decoded(response.body, headers);
  return new Response(cancellable(body, request.signal), { status: response.status, headers });
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Removes `content-encoding`: msw would decode the body again, with an unhandled rejection where the header is wrong. */
function decoded(body: Bytes, headers: Headers): Bytes {
  const decoder = DECODERS[headers.get('content-encoding')?.toLowerCase() ?? '']?.();
  if (!decoder) return body;
  headers.delete('content-encoding');
  const plain = pipeline(Readable.fromWeb(body as never), decoder, () => {});
  return Readable.toWeb(plain as unknown as Readable) as Bytes;
}

/**
 * A body that a client may cancel at any time. msw tees every body for listeners of its events, and a usual tee makes a
 * client that disconnects wait for those listeners. Here the listeners see what the client has read.
 */
function cancellable(body: Bytes, disconnect: AbortSignal): Bytes {
  const reader = body.getReader();
  const outlets: ReadableStreamDefaultController<Uint8Array>[] = [];
  let ended = false;
  const end = (last: (outlet: ReadableStreamDefaultController<Uint8Array>) => void): void => {
    if (ended) return;
    ended = true;
    for (const outlet of outlets) last(outlet);
  };
  /** Does not wait: the body may be silent at this moment. */
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
  disconnect.addEventListener('abort', () => {
    end((outlet) => outlet.error(disconnect.reason));
    stop(disconnect.reason);
  });
  return stream;
}
