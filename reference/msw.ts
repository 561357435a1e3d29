/**
 * The reference endpoint as msw handlers, for tests of clients: no port, no network. It answers like a conformant endpoint,
 * or with any fault or variant, and records what the client sends and what is wrong with it.
 */
import { type HttpHandler, http } from 'msw';
import { composeAlterations } from './alterations/compose.js';
import { newCall } from './call.js';
import { checkRequest } from './check-request.js';
import { createEndpoint } from './create-endpoint.js';
import { deliver } from './deliver.js';
import { applyFaults, findFault } from './faults/index.js';
import type { Incoming } from './incoming.js';
import { type EndpointOptions, resolveSettings } from './options.js';
import { type RecordedRequest, Recordings } from './recordings.js';
import { type Reply, toResponse } from './reply.js';
import type { Alterations } from './stages.js';
import { emptyNotes, emptyState, type State } from './state.js';
import { findVariant, variantOptions } from './variants/index.js';

export type { Fault } from './faults/index.js';
export { FAULTS } from './faults/index.js';
export type { EndpointOptions } from './options.js';
export type { RecordedRequest } from './recordings.js';
export type { Variant } from './variants/index.js';
export { VARIANTS } from './variants/index.js';

export interface MessagesEndpointOptions extends EndpointOptions {
  /** Base URL of the client under test, without `/v1`; `https://api.anthropic.com` by default. */
  baseUrl?: string;
  /** Ids of conformant variants, of `VARIANTS`: unusual answers that the protocol allows. */
  variants?: readonly string[];
}

/** The endpoint of one test file. Tests that run at the same time share its state. */
export interface MessagesEndpoint {
  /** For `setupServer(...endpoint.handlers)`. */
  readonly handlers: HttpHandler[];
  /**
   * Requests of clients since the beginning or the last reset, in the order of arrival. Beyond `limits.recordings` and
   * `limits.recordingBytes` the oldest are dropped.
   */
  readonly requests: readonly RecordedRequest[];
  /** What is wrong with those requests, one line each, whatever faults the endpoint has. */
  readonly violations: readonly string[];
  /**
   * Replaces the faults of the endpoint from the next request on; without an id it has none. Faults that affect one request
   * of many count from here. Throws a `TypeError` that names the nearest fault for an unknown id, and for a fault that needs
   * a socket.
   */
  useFaults(...ids: string[]): void;
  /** Replaces the variants of the endpoint: clients have to cope with them, since the protocol allows them. */
  useVariants(...ids: string[]): void;
  /** Restores the faults and variants of the options, and deletes all recorded requests, files and batches. */
  reset(): void;
}

/** Creates an endpoint for msw. Throws a `TypeError` for invalid options. */
export function messagesEndpoint(options: MessagesEndpointOptions = {}): MessagesEndpoint {
  const { baseUrl = 'https://api.anthropic.com', ...given } = options;
  const base = readBase(baseUrl);
  const { limits } = resolveSettings({ ...(given.limits && { limits: given.limits }) });
  const initial = { faults: given.faults ?? [], variants: given.variants ?? [] };
  let behaviour = initial;
  let state = emptyState(limits);
  let recordings = new Recordings(limits);
  let current = open({ ...given, base }, behaviour, state);

  const become = (next: Behaviour, memory: State): void => {
    current = open({ ...given, base }, next, memory);
    behaviour = next;
    state = memory;
  };

  return {
    handlers: [
      http.all(`${base}/*`, async ({ request }) => {
        const record = recordings.arrival();
        const opened = current;
        const body = new Uint8Array(await request.arrayBuffer());
        const received = belowBase(request, body, base);
        const { method, url, headers } = received;
        const response = await answered(opened, received, (violations) =>
          record({ method, url, headers, body, violations }),
        );
        return response instanceof Response ? deliver(response, request) : toResponse(response);
      }),
    ],
    get requests() {
      return recordings.inOrder().map(({ request }) => request);
    },
    get violations() {
      return recordings
        .inOrder()
        .flatMap(({ number, request: { method, path, violations } }) =>
          violations.map((line) => `request ${number}, ${method} ${path}: ${line}`),
        );
    },
    useFaults: (...faults) => become({ ...behaviour, faults }, countedAnew(state)),
    useVariants: (...variants) => become({ ...behaviour, variants }, countedAnew(state)),
    reset() {
      become(initial, emptyState(limits));
      recordings = new Recordings(limits);
    },
  };
}

/** Faults and variants of an endpoint, by id. */
interface Behaviour {
  faults: readonly string[];
  variants: readonly string[];
}

/** An endpoint with this behaviour over this memory, and its settings. */
function open(
  { base, ...options }: EndpointOptions & { base: string },
  { faults, variants }: Behaviour,
  memory: State,
) {
  const found = variants.map(findVariant);
  for (const id of faults) rejectSocket('faults', id, findFault(id).socket);
  for (const { id, socket, connection } of found) {
    rejectSocket('variants', id, socket ?? (connection && 'it is about how a connection is written'));
  }
  const all = found.map(variantOptions);
  const below = { alterations: addressedBelow(base) };
  const combined: EndpointOptions = {
    ...options,
    ...Object.assign({}, ...all),
    dialect: Object.assign({}, options.dialect, ...all.map(({ dialect }) => dialect)),
    features: Object.assign({}, options.features, ...all.map(({ features }) => features)),
    alterations: composeAlterations([...all, options, below].flatMap(({ alterations }) => alterations ?? [])),
    faults,
  };
  const isAsIs = faults.length === 0 && variants.length === 0 && options.alterations === undefined;
  return {
    endpoint: createEndpoint(combined, memory),
    settings: resolveSettings(combined, applyFaults),
    memory,
    isAsIs,
  };
}

/** Where the endpoint accepts nothing wrong; a batch is accepted with wrong requests in it. */
const CHECKED = /\/v1\/messages(\/count_tokens)?(\?|$)/;

/**
 * Answers a request. `note` gets what is wrong with it before an answer can be late, fail or never come: the request arrived all the same.
 * An endpoint without faults and variants waits for nothing and finds itself what is wrong: a request that it accepts is right.
 * A whole body needs nothing to be delivered, a stream does.
 */
async function answered(
  { endpoint, settings, memory, isAsIs }: ReturnType<typeof open>,
  received: Received,
  note: (violations: readonly string[]) => void,
): Promise<Reply | Response> {
  const check = (): Promise<string[]> => checkRequest(received, newCall(received, settings, memory));
  if (isAsIs && endpoint.answer !== null) {
    const reply = await endpoint.answer(received);
    note(reply.status < 300 && CHECKED.test(received.url) ? [] : await check());
    const isWhole = typeof reply.body === 'string' || reply.body === null;
    return isWhole ? reply : toResponse(reply);
  }
  note(await check());
  return endpoint.fetch(received.asRequest());
}

function rejectSocket(option: string, id: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new TypeError(`${option}: "${id}" needs a socket, and msw has none: ${reason}`);
}

/** Uploads stay; faults that affect one request of many count from 0. */
function countedAnew(state: State): State {
  return { ...state, requests: 0, notes: emptyNotes() };
}

/** The base URL without a slash at its end. */
function readBase(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(`baseUrl: expected an address such as "https://api.example.com", got "${baseUrl}"`);
  let path = url.pathname;
  while (path.endsWith('/')) path = path.slice(0, -1);
  if (/(^|\/)v1$/.test(path))
    throw new TypeError(
      `baseUrl: expected it without "/v1", got "${baseUrl}"; for clients that ask for /v1/v1 set dialect.doubledPath`,
    );
  return `${url.origin}${path}`;
}

/** Puts the path of the base URL, which the endpoint does not know, into the results URLs of batches. */
function addressedBelow(base: string): Alterations {
  const { origin } = new URL(base);
  return {
    json: (body, call) =>
      origin !== base && call.path.startsWith('/v1/messages/batches')
        ? JSON.parse(JSON.stringify(body).replaceAll(`"${origin}/v1/`, `"${base}/v1/`))
        : body,
  };
}

/** A request whose body was read. */
interface Received extends Incoming {
  headers: Headers;
  asRequest(): Request;
}

/** The request without the path of the base URL. */
function belowBase(
  { url: given, method, headers, signal }: Request,
  body: Uint8Array<ArrayBuffer>,
  base: string,
): Received {
  const url = `${new URL(given).origin}${given.slice(base.length)}`;
  return {
    url,
    method,
    headers,
    read: async (limit) => (body.byteLength <= limit ? body : body.byteLength),
    asRequest: () => new Request(url, { method, headers, signal, ...(body.byteLength > 0 && { body }) }),
  };
}
