/**
 * The reference endpoint for tests of clients, as handlers for msw: no port, no network. It answers as a conformant
 * endpoint does, or with any fault of the catalogue, and keeps what the client has sent and what is wrong with it.
 */
import { type HttpHandler, http } from 'msw';
import { composeAlterations } from './alterations/compose.js';
import { deliver } from './deliver.js';
import { createEndpoint } from './endpoint.js';
import { findFault } from './faults/index.js';
import { type EndpointOptions, settle } from './options.js';
import { type RecordedRequest, recordRequest } from './recordings.js';
import type { Alterations } from './stages.js';
import { emptyState, type State } from './state.js';
import { findVariant, variantOptions } from './variants/index.js';

export type { Fault } from './faults/index.js';
export { FAULTS } from './faults/index.js';
export type { EndpointOptions } from './options.js';
export type { RecordedRequest } from './recordings.js';
export type { Variant } from './variants/index.js';
export { VARIANTS } from './variants/index.js';

export interface MessagesEndpointOptions extends EndpointOptions {
  /** The base URL that the client under test is given, without `/v1`; `https://api.anthropic.com` by default. */
  baseUrl?: string;
  /** Ids of variants that the endpoint is to have, of `VARIANTS`: unusual, and right. */
  variants?: readonly string[];
}

/** The endpoint of one test file. Tests that run at the same time share what it has and what it keeps. */
export interface MessagesEndpoint {
  /** For `setupServer(...endpoint.handlers)`. */
  readonly handlers: HttpHandler[];
  /** What clients have sent since the beginning or the last reset, in the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** What is wrong with those requests, one line each, whatever faults the endpoint has. */
  readonly violations: readonly string[];
  /**
   * Gives the endpoint these faults from the next request on, in place of those it has; none without an id. Faults that
   * strike one request of many count from here. Throws a `TypeError` that names the nearest fault for an id that is none,
   * and for a fault that takes a socket.
   */
  useFaults(...ids: string[]): void;
  /** The same with variants: what a client has to bear, because the protocol allows it. */
  useVariants(...ids: string[]): void;
  /** Goes back to the faults and variants of the options, forgets all requests, files and batches. */
  reset(): void;
}

/** Creates an endpoint for msw. Throws a `TypeError` for options that cannot be used. */
export function messagesEndpoint(options: MessagesEndpointOptions = {}): MessagesEndpoint {
  const { baseUrl = 'https://api.anthropic.com', ...given } = options;
  const base = readBase(baseUrl);
  const initial = { faults: given.faults ?? [], variants: given.variants ?? [] };
  let habits = initial;
  let state = emptyState();
  let kept: (RecordedRequest | undefined)[] = [];
  let current = open({ ...given, base }, habits, state);

  const become = (next: Habits, memory: State): void => {
    current = open({ ...given, base }, next, memory);
    habits = next;
    state = memory;
  };
  const recorded = (): RecordedRequest[] => kept.filter((request) => request !== undefined);

  return {
    handlers: [
      http.all(`${base}/*`, async ({ request }) => {
        const { endpoint, settings, memory } = current;
        const records = kept;
        const place = records.push(undefined) - 1;
        const body = await request.arrayBuffer();
        const received = (): Request => belowBase(request, body, base);
        records[place] = await recordRequest(received(), new Uint8Array(body), { settings, state: memory });
        return deliver(await endpoint.fetch(received()), request);
      }),
    ],
    get requests() {
      return recorded();
    },
    get violations() {
      return recorded().flatMap(({ method, path, violations }, index) =>
        violations.map((line) => `request ${index + 1}, ${method} ${path}: ${line}`),
      );
    },
    useFaults: (...faults) => become({ ...habits, faults }, countedAnew(state)),
    useVariants: (...variants) => become({ ...habits, variants }, countedAnew(state)),
    reset() {
      become(initial, emptyState());
      kept = [];
    },
  };
}

interface Habits {
  faults: readonly string[];
  variants: readonly string[];
}

/** An endpoint with these habits over this memory, and what it is set to. */
function open({ base, ...options }: EndpointOptions & { base: string }, { faults, variants }: Habits, memory: State) {
  const odd = variants.map(findVariant);
  for (const id of faults) refuseSocket('faults', id, findFault(id).socket);
  for (const { id, socket, connection } of odd) {
    refuseSocket('variants', id, socket ?? (connection && 'it is about how a connection is written'));
  }
  const all = odd.map(variantOptions);
  const below = { alterations: addressedBelow(base) };
  const set: EndpointOptions = {
    ...options,
    ...Object.assign({}, ...all),
    dialect: Object.assign({}, options.dialect, ...all.map(({ dialect }) => dialect)),
    features: Object.assign({}, options.features, ...all.map(({ features }) => features)),
    alterations: composeAlterations([...all, options, below].flatMap(({ alterations }) => alterations ?? [])),
    faults,
  };
  return { endpoint: createEndpoint(set, memory), settings: settle(set), memory };
}

function refuseSocket(option: string, id: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new TypeError(`${option}: "${id}" takes a socket, which msw has none of: ${reason}`);
}

/** What was uploaded stays; what strikes one request of many begins to count. */
function countedAnew(state: State): State {
  return { ...state, requests: 0, notes: new Map() };
}

/** The base URL without a slash at its end. */
function readBase(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(`baseUrl: expected an address such as "https://api.example.com", got "${baseUrl}"`);
  const path = url.pathname.replace(/\/+$/, '');
  if (/(^|\/)v1$/.test(path))
    throw new TypeError(
      `baseUrl: expected it without "/v1", got "${baseUrl}"; for clients that ask for /v1/v1 set dialect.doubledPath`,
    );
  return `${url.origin}${path}`;
}

/** The endpoint knows nothing of the path of its base URL, and batches tell the address of their results. */
function addressedBelow(base: string): Alterations {
  const { origin } = new URL(base);
  return {
    json: (body, call) =>
      origin !== base && call.path.startsWith('/v1/messages/batches')
        ? JSON.parse(JSON.stringify(body).replaceAll(`"${origin}/v1/`, `"${base}/v1/`))
        : body,
  };
}

/** The request as the endpoint gets it behind its base URL. */
function belowBase(request: Request, body: ArrayBuffer, base: string): Request {
  const url = new URL(request.url);
  const address = `${url.origin}${request.url.slice(base.length)}`;
  return new Request(address, {
    method: request.method,
    headers: request.headers,
    signal: request.signal,
    ...(body.byteLength > 0 && { body }),
  });
}
