import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from './endpoint.js';
import { fromNode } from './incoming.js';
import { createEndpointWithFaults, namesFault } from './one-request.js';
import type { EndpointOptions } from './options.js';
import type { Reply } from './reply.js';
import { write } from './write.js';

export interface ServeOptions extends EndpointOptions {
  /** 0 (the default) picks a free port. */
  port?: number;
  /** `127.0.0.1` by default. */
  host?: string;
  /** Gets each request and response before the endpoint, to change how Node writes the response. */
  connection?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Gets every response as soon as its status is known. */
  onAnswer?: (answer: Answer) => void;
}

/** One request and how it was answered. */
export interface Answer {
  method: string;
  /** Path and query. */
  target: string;
  status: number;
  /** What is wrong with the request, in the words of the error; `null` for one that was accepted. */
  wrong: string | null;
}

export interface RunningEndpoint {
  /** Base URL without `/v1` and without a slash at its end. */
  url: string;
  /** Closes the server and all its connections. */
  close(): Promise<void>;
}

/** Starts an endpoint on a port. Rejects with the system's error when the port is not available. */
export async function startEndpoint(options: ServeOptions = {}): Promise<RunningEndpoint> {
  const { port = 0, host = '127.0.0.1', connection, onAnswer, ...rest } = options;
  const endpoint = await createEndpointWithFaults(rest);
  const hooks = [connection, ...(await connectionFaults(rest.faults ?? []))].filter((hook) => !!hook);
  const overWeb = webListener(endpoint, onAnswer);
  const answer = hooks.length > 0 ? null : endpoint.answer;
  const server = createServer((message, response) => {
    const incoming = answer && fromNode(message);
    if (!answer || !incoming || namesFault(incoming)) return void overWeb(message, response);
    void answer(incoming).then((reply) => {
      onAnswer?.({ method: incoming.method, target: message.url ?? '', status: reply.status, wrong: wrongIn(reply) });
      return write(reply, response);
    });
  });
  for (const hook of hooks) server.prependListener('request', hook);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function connectionFaults(ids: readonly string[]): Promise<ServeOptions['connection'][]> {
  if (ids.length === 0) return [];
  const { findFault } = await import('./faults/index.js');
  return ids.map((id) => findFault(id).connection);
}

/** Answers by way of web standard objects. The library for that is loaded when it is needed: most requests do without. */
function webListener({ fetch }: Endpoint, onAnswer: ServeOptions['onAnswer']): RequestListener {
  let loaded: Promise<RequestListener> | undefined;
  const load = async (): Promise<RequestListener> => {
    const { getRequestListener } = await import('@hono/node-server');
    return getRequestListener(
      async (request: Request) => {
        const response = await fetch(request);
        if (onAnswer) {
          const { pathname, search } = new URL(request.url);
          const wrong = response.status < 400 ? null : errorIn(await response.clone().text());
          onAnswer({ method: request.method, target: `${pathname}${search}`, status: response.status, wrong });
        }
        return chunked(response);
      },
      { overrideGlobalObjects: false },
    ) as RequestListener;
  };
  return async (message, response) => {
    loaded ??= load();
    (await loaded)(message, response);
  };
}

/** Marks an event stream as chunked, so that the adaptor sends every chunk at once instead of collecting them. */
function chunked(response: Response): Response {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (response.body && isStream && !response.headers.has('transfer-encoding')) {
    response.headers.set('transfer-encoding', 'chunked');
  }
  return response;
}

const wrongIn = ({ status, body }: Reply): string | null =>
  status < 400 ? null : errorIn(typeof body === 'string' ? body : '');

function errorIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { type?: unknown; message?: unknown } };
    return `${error?.type}: ${error?.message}`;
  } catch {
    return 'an error without the documented body';
  }
}
