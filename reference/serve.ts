import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { findFault } from './faults/index.js';
import { createEndpointWithFaults } from './one-request.js';
import type { EndpointOptions } from './options.js';

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
  const endpoint = createEndpointWithFaults(rest);
  const server = createAdaptorServer({
    fetch: async (request: Request) => {
      const response = await endpoint.fetch(request);
      onAnswer?.(await answerOf(request, response));
      return chunked(response);
    },
    overrideGlobalObjects: false,
  }) as Server;
  const hooks = [connection, ...(rest.faults ?? []).map((id) => findFault(id).connection)];
  for (const hook of hooks) if (hook) server.prependListener('request', hook);
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

/** Marks an event stream as chunked, so that the adaptor sends every chunk at once instead of collecting them. */
function chunked(response: Response): Response {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (response.body && isStream && !response.headers.has('transfer-encoding')) {
    response.headers.set('transfer-encoding', 'chunked');
  }
  return response;
}

async function answerOf({ method, url }: Request, response: Response): Promise<Answer> {
  const { pathname, search } = new URL(url);
  const { status } = response;
  return {
    method,
    target: `${pathname}${search}`,
    status,
    wrong: status < 400 ? null : await errorOf(response.clone()),
  };
}

async function errorOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: { type?: unknown; message?: unknown } };
    return `${error?.type}: ${error?.message}`;
  } catch {
    return 'an error without the documented body';
  }
}
