import { Hono } from 'hono/tiny';
import { cancelBatch, createBatch, deleteBatch, getBatch, getResults, listBatches } from './batches.js';
import { newCall } from './call.js';
import { countTokens } from './count-tokens.js';
import { authenticate } from './credentials.js';
import { isRejection, type Rejection, reject } from './errors.js';
import { deleteFile, getFile, getFileContent, listFiles, uploadFile } from './files.js';
import { corsHeaders, identityHeaders, rateLimitHeaders, readBetas, readVersion } from './headers.js';
import { postMessage } from './messages.js';
import { getModel, listModels } from './models.js';
import { type EndpointOptions, type Feature, resolveSettings, type Settings } from './options.js';
import { errorResponse } from './responses.js';
import type { Call } from './stages.js';
import { emptyState, type State } from './state.js';

/** A Messages API endpoint as one function over web standard requests: for Node, msw and tests. */
export interface Endpoint {
  fetch(request: Request): Promise<Response>;
}

type Handler = (request: Request, call: Call, id: string) => Response | Promise<Response>;
interface Env {
  Bindings: { call: Call };
}

/** Creates an endpoint, by default with a memory of its own. Throws a `TypeError` for invalid options. */
export function createEndpoint(options: EndpointOptions = {}, memory?: State): Endpoint {
  const settings = resolveSettings(options);
  const state = memory ?? emptyState(settings.limits);
  const app = routes(settings);
  return {
    async fetch(request) {
      const call = newCall(request, settings, state);
      state.requests += 1;
      const response = await respond(request, call, app);
      return settings.alterations.response?.(response, call) ?? response;
    },
  };
}

async function respond(request: Request, call: Call, app: Hono<Env>): Promise<Response> {
  const { alterations } = call.settings;
  try {
    const received = (await alterations.request?.(request, call)) ?? request;
    if (received instanceof Response) return received;
    call.headers = received.headers;
    return complete(await app.fetch(received, { call }), received, call);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return complete(errorResponse(reject('api_error', `Internal server error: ${cause}`), call), request, call);
  }
}

function routes(settings: Settings): Hono<Env> {
  const app = new Hono<Env>();
  const bases = settings.dialect.doubledPath ? ['/v1', '/v1/v1'] : ['/v1'];
  for (const base of bases) {
    for (const [method, path, handler] of operations(settings)) {
      app.on(method, `${base}${path}`, ({ req, env }) => authenticated(handler, req.raw, env.call, req.param('id')));
    }
  }
  app.get('/', () => Response.json(whatItIs(settings)));
  app.get('/api/hello', () => new Response(null, { status: 200 }));
  app.options('*', () => new Response(null, { status: 204 }));
  app.notFound(({ env }) => errorResponse(notFound(env.call), env.call));
  app.onError((error) => {
    throw error;
  });
  return app;
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
async function authenticated(handler: Handler, request: Request, call: Call, id = ''): Promise<Response> {
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
  return handler(request, call, id);
}

function altered(rejection: Rejection | null, call: Call): Rejection | null {
  const alter = call.settings.alterations.rejection;
  return rejection && alter ? alter(rejection, call) : rejection;
}

function notFound(call: Call): Rejection {
  return reject('not_found_error', `${call.method} ${call.path.slice(0, 200)} does not exist.`);
}

/** Adds the headers of every response. */
function complete(response: Response, request: Request, call: Call): Response {
  const added = {
    ...identityHeaders(call.requestId),
    ...(call.path.startsWith('/v1/') && response.ok && rateLimitHeaders(call.settings.now())),
    ...corsHeaders(request),
  };
  for (const [name, value] of Object.entries(added)) response.headers.set(name, value);
  return response;
}
