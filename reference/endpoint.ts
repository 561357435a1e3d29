import { Hono } from 'hono/tiny';
import { errorResponse } from './answers.js';
import { cancelBatch, createBatch, deleteBatch, getBatch, getResults, listBatches } from './batches.js';
import { newCall } from './call.js';
import { countTokens } from './count-tokens.js';
import { authenticate } from './credentials.js';
import { isRejection, type Rejection, reject } from './errors.js';
import { deleteFile, getFile, getFileContent, listFiles, uploadFile } from './files.js';
import { corsHeaders, identityHeaders, rateLimitHeaders, readBetas, readVersion } from './headers.js';
import { postMessage } from './messages.js';
import { getModel, listModels } from './models.js';
import { type EndpointOptions, type Feature, type Settings, settle } from './options.js';
import type { Call } from './stages.js';
import { emptyState, type State } from './state.js';

/** A Messages API endpoint as one function over web standard requests: it serves Node, msw and tests alike. */
export interface Endpoint {
  fetch(request: Request): Promise<Response>;
}

type Handler = (request: Request, call: Call, id: string) => Response | Promise<Response>;
interface Env {
  Bindings: { call: Call };
}

/** Creates an endpoint, by default with a memory of its own. Throws a `TypeError` for options that cannot be used. */
export function createEndpoint(options: EndpointOptions = {}, state: State = emptyState()): Endpoint {
  const settings = settle(options);
  const app = routes(settings);
  return {
    async fetch(request) {
      const call = newCall(request, settings, state);
      state.requests += 1;
      const response = await serve(request, call, app);
      return settings.alterations.response?.(response, call) ?? response;
    },
  };
}

async function serve(request: Request, call: Call, app: Hono<Env>): Promise<Response> {
  const { alterations } = call.settings;
  try {
    const altered = (await alterations.request?.(request, call)) ?? request;
    if (altered instanceof Response) return altered;
    call.headers = altered.headers;
    return complete(await app.fetch(altered, { call }), altered, call);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return complete(errorResponse(reject('api_error', `Internal server error: ${cause}`), call), request, call);
  }
}

function routes(settings: Settings): Hono<Env> {
  const app = new Hono<Env>();
  const bases = settings.dialect.doubledPath ? ['/v1', '/v1/v1'] : ['/v1'];
  for (const base of bases) {
    for (const [method, path, handler] of served(settings)) {
      app.on(method, `${base}${path}`, ({ req, env }) => guarded(handler, req.raw, env.call, req.param('id')));
    }
  }
  app.get('/api/hello', () => new Response(null, { status: 200 }));
  app.options('*', () => new Response(null, { status: 204 }));
  app.notFound(({ env }) => errorResponse(notFound(env.call), env.call));
  app.onError((error) => {
    throw error;
  });
  return app;
}

/** Operations below `/v1` that the features allow. */
export function served({ features }: Settings): [method: 'GET' | 'POST' | 'DELETE', path: string, handler: Handler][] {
  const operations: [Feature | null, 'GET' | 'POST' | 'DELETE', string, Handler][] = [
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
  return operations.flatMap(([feature, ...operation]) => (feature === null || features[feature] ? [operation] : []));
}

/** Who is calling and in which edition comes before what is asked. */
async function guarded(handler: Handler, request: Request, call: Call, id = ''): Promise<Response> {
  const stranger = consider(authenticate(call.headers, call.settings), call);
  if (stranger) return errorResponse(stranger, call);
  const version = readVersion(call.headers, call.settings);
  if (isRejection(version)) {
    const rejection = consider(version, call);
    if (rejection) return errorResponse(rejection, call);
  } else {
    call.version = version;
  }
  call.betas = readBetas(call.headers);
  return handler(request, call, id);
}

function consider(rejection: Rejection | null, call: Call): Rejection | null {
  const alter = call.settings.alterations.rejection;
  return rejection && alter ? alter(rejection, call) : rejection;
}

function notFound(call: Call): Rejection {
  return reject('not_found_error', `${call.method} ${call.path.slice(0, 200)} is not served here.`);
}

/** Adds what every answer carries. */
function complete(response: Response, request: Request, call: Call): Response {
  const added = {
    ...identityHeaders(call.requestId),
    ...(call.path.startsWith('/v1/') && response.ok && rateLimitHeaders(call.settings.now())),
    ...corsHeaders(request),
  };
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}
