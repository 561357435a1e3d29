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
    path: undoubled(path, settings),
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

/** A path without a doubled `/v1`, where the dialect has it. Clients join a base URL that ends in `/v1/` and `/v1/messages` with one slash or with two. */
export const undoubled = (path: string, { dialect }: Settings): string =>
  dialect.doubledPath ? path.replace(/^\/v1\/\/?v1\//, '/v1/') : path;
