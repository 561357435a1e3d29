import { PatternRouter } from 'hono/router/pattern-router';
import { cancelBatch, createBatch, deleteBatch, getBatch, getResults, listBatches } from './batches.js';
import { newCall, undoubled } from './call.js';
import { countTokens } from './count-tokens.js';
import { authenticate } from './credentials.js';
import { isRejection, type Rejection, reject } from './errors.js';
import { deleteFile, getFile, getFileContent, listFiles, uploadFile } from './files.js';
import { corsHeaders, identityHeaders, rateLimitHeaders, readBetas, readVersion } from './headers.js';
import { fromRequest, type Incoming, pathOf } from './incoming.js';
import { postMessage } from './messages.js';
import { getModel, listModels } from './models.js';
import { type ApplyFaults, type EndpointOptions, type Feature, resolveSettings, type Settings } from './options.js';
import { type Reply, toResponse } from './reply.js';
import { errorResponse } from './responses.js';
import type { Call } from './stages.js';
import { emptyState, type State } from './state.js';

/** A Messages API endpoint as one function over web standard requests: for Node, msw and tests. */
export interface Endpoint {
  fetch(request: Request): Promise<Response>;
  /**
   * The same without web standard objects, for a server on `node:http`; `null` where alterations change requests or responses, which
   * are web standard objects to them.
   */
  answer: ((incoming: Incoming) => Promise<Reply>) | null;
}

type Handler = (request: Incoming, call: Call, id: string) => Reply | Promise<Reply>;
/** The handler of a request and the id in its path; `undefined` where the path does not exist. */
type Router = (method: string, path: string) => [Handler, { id?: string }] | undefined;

/** Opens an endpoint, by default with a memory of its own. Throws a `TypeError` for invalid options, and for faults without `applyFaults`. */
export function openEndpoint(options: EndpointOptions = {}, memory?: State, applyFaults?: ApplyFaults): Endpoint {
  const settings = resolveSettings(options, applyFaults);
  const state = memory ?? emptyState(settings.limits);
  const router = remembering(routes(settings));
  const { request: alterRequest, response: alterResponse } = settings.alterations;
  const callOf = (incoming: Incoming): Call => {
    const call = newCall(incoming, settings, state);
    state.requests += 1;
    return call;
  };
  return {
    async fetch(request) {
      const call = callOf(fromRequest(request));
      const response = await respondToRequest(request, call, router);
      return alterResponse?.(response, call) ?? response;
    },
    answer: alterRequest || alterResponse ? null : (incoming) => respond(incoming, callOf(incoming), router),
  };
}

async function respondToRequest(request: Request, call: Call, router: Router): Promise<Response> {
  let received: Request | Response;
  try {
    received = (await call.settings.alterations.request?.(request, call)) ?? request;
  } catch (error) {
    return toResponse(complete(internalError(error, call), fromRequest(request), call));
  }
  if (received instanceof Response) return received;
  call.headers = received.headers;
  return toResponse(await respond(fromRequest(received), call, router));
}

async function respond(incoming: Incoming, call: Call, router: Router): Promise<Reply> {
  try {
    return complete(await route(incoming, call, router), incoming, call);
  } catch (error) {
    return complete(internalError(error, call), incoming, call);
  }
}

function internalError(error: unknown, call: Call): Reply {
  const cause = error instanceof Error ? error.message : String(error);
  return errorResponse(reject('api_error', `Internal server error: ${cause}`), call);
}

/** Answers by method and path; a HEAD request gets what a GET request would get, without the body. */
async function route(incoming: Incoming, call: Call, router: Router): Promise<Reply> {
  const isHead = incoming.method === 'HEAD';
  const path = undoubled(decoded(pathOf(incoming), decodeURI), call.settings);
  const found = router(isHead ? 'GET' : incoming.method, path);
  if (found === undefined) return errorResponse(notFound(call), call);
  const [handler, { id = '' }] = found;
  const reply = await handler(incoming, call, decoded(id, decodeURIComponent));
  return isHead ? { ...reply, body: null } : reply;
}

/** A text without its escapes; as it is where they make no text. */
function decoded(text: string, decode: (text: string) => string): string {
  if (!text.includes('%')) return text;
  try {
    return decode(text);
  } catch {
    return text;
  }
}

/** Most requests go where the one before went, and to match all patterns is a thirtieth of a request. */
function remembering(find: Router): Router {
  let latest: { method: string; path: string; found: ReturnType<Router> } | null = null;
  return (method, path) => {
    if (latest?.method !== method || latest.path !== path) latest = { method, path, found: find(method, path) };
    return latest.found;
  };
}

function routes(settings: Settings): Router {
  const router = new PatternRouter<Handler>();
  for (const [method, path, handler] of operations(settings))
    router.add(method, `/v1${path}`, (incoming, call, id) => authenticated(handler, incoming, call, id));
  const headers = { 'content-type': 'application/json' };
  router.add('GET', '/', () => ({ status: 200, headers: { ...headers }, body: JSON.stringify(whatItIs(settings)) }));
  router.add('GET', '/api/hello', () => ({ status: 200, headers: {}, body: null }));
  router.add('OPTIONS', '*', () => ({ status: 204, headers: {}, body: null }));
  return (method, path) => (router.match(method, path) as [[Handler, { id?: string }][]])[0][0];
}

/** For people and clients that look at the address itself; the protocol has nothing there. */
const whatItIs = (settings: Settings) => ({
  server: 'reference endpoint of messages-conformance',
  models: settings.models.map(({ id }) => id),
  paths: operations(settings).map(([method, path]) => `${method} /v1${path.replace(':id', '{id}')}`),
});

/** Operations below `/v1` that the features allow. */
export function operations({
  features,
}: Settings): [method: 'GET' | 'POST' | 'DELETE', path: string, handler: Handler][] {
  const all: [Feature | null, 'GET' | 'POST' | 'DELETE', string, Handler][] = [
    [null, 'POST', '/messages', postMessage],
    ['count-tokens', 'POST', '/messages/count_tokens', countTokens],
    ['models', 'GET', '/models', listModels],
    ['models', 'GET', '/models/:id', getModel],
    ['batches', 'POST', '/messages/batches', createBatch],
    ['batches', 'GET', '/messages/batches', listBatches],
    ['batches', 'GET', '/messages/batches/:id', getBatch],
    ['batches', 'DELETE', '/messages/batches/:id', deleteBatch],
    ['batches', 'POST', '/messages/batches/:id/cancel', cancelBatch],
    ['batches', 'GET', '/messages/batches/:id/results', getResults],
    ['documents', 'POST', '/files', uploadFile],
    ['documents', 'GET', '/files', listFiles],
    ['documents', 'GET', '/files/:id', getFile],
    ['documents', 'DELETE', '/files/:id', deleteFile],
    ['documents', 'GET', '/files/:id/content', getFileContent],
  ];
  return all.flatMap(([feature, ...operation]) => (feature === null || features[feature] ? [operation] : []));
}

/** Checks the credential and the version before the request itself. */
async function authenticated(handler: Handler, incoming: Incoming, call: Call, id: string): Promise<Reply> {
  const unauthorized = altered(authenticate(call.headers, call.settings), call);
  if (unauthorized) return errorResponse(unauthorized, call);
  const version = readVersion(call.headers, call.settings);
  if (isRejection(version)) {
    const rejection = altered(version, call);
    if (rejection) return errorResponse(rejection, call);
  } else {
    call.version = version;
  }
  call.betas = readBetas(call.headers);
  return handler(incoming, call, id);
}

function altered(rejection: Rejection | null, call: Call): Rejection | null {
  const alter = call.settings.alterations.rejection;
  return rejection && alter ? alter(rejection, call) : rejection;
}

function notFound(call: Call): Rejection {
  return reject('not_found_error', `${call.method} ${call.path.slice(0, 200)} does not exist.`);
}

/** Adds the headers of every response. */
function complete(reply: Reply, incoming: Incoming, call: Call): Reply {
  const isLimited = call.path.startsWith('/v1/') && reply.status >= 200 && reply.status < 300;
  Object.assign(
    reply.headers,
    identityHeaders(call.requestId),
    isLimited && rateLimitHeaders(call.settings.now()),
    corsHeaders(incoming),
  );
  return reply;
}
