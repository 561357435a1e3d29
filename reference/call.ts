import { newId } from './ids.js';
import { type Incoming, pathOf } from './incoming.js';
import type { Settings } from './options.js';
import type { Call } from './stages.js';
import type { State } from './state.js';

/** A request as it arrives, before anything of it is read. */
export function newCall(request: Incoming, settings: Settings, state: State): Call {
  const path = pathOf(request);
  return {
    requestId: newId('req'),
    method: request.method,
    path: settings.dialect.doubledPath ? path.replace(/^\/v1\/v1\//, '/v1/') : path,
    headers: request.headers,
    version: '2023-06-01',
    betas: [],
    ordinal: state.requests,
    stream: false,
    prompt: null,
    settings,
    state,
  };
}
