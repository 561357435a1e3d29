/** A fault for one request: named by the header `x-fault` or by the beginning of the path, `/fault/ID/v1/messages`. */

import { type Endpoint, openEndpoint } from './endpoint.js';
import type { Incoming } from './incoming.js';
import type { EndpointOptions } from './options.js';
import { resolveSettings } from './options.js';
import { emptyState } from './state.js';

const PREFIX = /^\/fault\/([^/]+)(?=\/|$)/;

/** Whether a request names a fault for itself; only `fetch` of the endpoint looks at that. */
export const namesFault = ({ url, headers }: Incoming): boolean => headers.has('x-fault') || url.includes('/fault/');

/**
 * An endpoint that also takes a fault for one request. All requests share one memory. A fault that does not exist, or that lies in the
 * connection itself, is answered with 400.
 */
export async function createEndpointWithFaults({ faults = [], ...options }: EndpointOptions = {}): Promise<Endpoint> {
  const memory = emptyState(resolveSettings(options).limits);
  const open = async (ids: readonly string[]): Promise<Endpoint> => {
    if (ids.length === 0) return openEndpoint(options, memory);
    const { applyFaults } = await import('./faults/index.js');
    return openEndpoint({ ...options, faults: ids }, memory, applyFaults);
  };
  const usual = await open(faults);
  const faulty = new Map<string, Endpoint>();
  const endpointOf = async (id: string): Promise<Endpoint> => {
    const known = faulty.get(id) ?? (await open([...faults, await ofOneRequest(id)]));
    faulty.set(id, known);
    return known;
  };
  return {
    answer: usual.answer,
    async fetch(request) {
      const url = new URL(request.url);
      const inPath = PREFIX.exec(url.pathname)?.[1];
      const id = inPath ?? request.headers.get('x-fault');
      if (id === null || id === undefined) return usual.fetch(request);
      try {
        const endpoint = await endpointOf(id);
        return await endpoint.fetch(inPath === undefined ? request : withoutPrefix(request, url));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        const body = {
          type: 'error',
          error: { type: 'invalid_request_error', message: error.message },
          request_id: null,
        };
        return Response.json(body, { status: 400 });
      }
    },
  };
}

/** The id again. What a fault does to a connection, it does before a request is read. */
async function ofOneRequest(id: string): Promise<string> {
  const { findFault } = await import('./faults/index.js');
  if (findFault(id).connection === undefined) return id;
  throw new TypeError(
    `fault "${id}" is about the connection, so it is there for all requests or for none: serve --fault ${id}`,
  );
}

function withoutPrefix(request: Request, url: URL): Request {
  url.pathname = url.pathname.replace(PREFIX, '') || '/';
  const { method, headers, signal } = request;
  return new Request(url, {
    method,
    headers,
    signal,
    body: request.body,
    ...(request.body && { duplex: 'half' }),
  } as RequestInit);
}
