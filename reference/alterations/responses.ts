/** Alterations of responses as HTTP has them, and responses that are sent before anything is read. */

import { newId } from '../ids.js';
import type { Alterations, Call } from '../stages.js';
import type { MessageRequest } from '../wire.js';

/** Replaces responses: their status, their headers, their body. */
export function rewriteResponse(change: (response: Response, call: Call) => Response | Promise<Response>): Alterations {
  return { response: change };
}

/** Sets headers of responses; `null` removes one. */
export function rewriteHeaders(
  change: (response: Response, call: Call) => Readonly<Record<string, string | null>> | null,
): Alterations {
  return rewriteResponse((response, call) => {
    const changes = change(response, call);
    return changes === null ? response : withHeaders(response, changes);
  });
}

export function withHeaders(
  response: Response,
  changes: Readonly<Record<string, string | null>>,
  status?: number,
): Response {
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) all.delete(name);
    else all.set(name, value);
  }
  return new Response(response.body, { status: status ?? response.status, headers: all });
}

/** The same status and headers with another body. */
export function withBody(response: Response, body: string | Uint8Array<ArrayBuffer>, type?: string): Response {
  const all = new Headers(response.headers);
  if (type !== undefined) all.set('content-type', type);
  return new Response(body, { status: response.status, headers: all });
}

/** Answers requests to a path before anything is read. */
export function respondWith(path: RegExp, answer: (request: Request, call: Call) => Response | null): Alterations {
  return { request: (request, call) => (path.test(call.path) ? (answer(request, call) ?? request) : request) };
}

/** Longer requests come twice because of their cache marks. */
const SHORT = 1_000;

/**
 * Answers one message request of a run: the first short one that comes a second time, word for word. A suite that repeats
 * a request on purpose loses nothing but the comparison.
 */
export function respondOnRepeat(answer: (call: Call) => Response): Alterations {
  return {
    async request(request, call) {
      if (call.path !== '/v1/messages' || call.method !== 'POST') return request;
      const heads = ['x-api-key', 'authorization', 'anthropic-version', 'anthropic-beta', 'accept'];
      const asked = [call.path, ...heads.map((name) => call.headers.get(name)), await request.clone().text()].join(
        '\n',
      );
      if (asked.length > SHORT) return request;
      const { notes } = call.state;
      const times = Number(notes.get(asked) ?? 0) + 1;
      notes.set(asked, times);
      if (times < 2 || notes.has('repeated')) return request;
      notes.set('repeated', true);
      return answer(call);
    },
  };
}

/** An error body with its status, for alterations that answer by themselves. */
export function errorAnswer(
  status: number,
  type: string,
  message: string,
  more: Record<string, string> = {},
): Response {
  const id = newId('req');
  return new Response(JSON.stringify({ type: 'error', error: { type, message }, request_id: id }), {
    status,
    headers: { 'content-type': 'application/json', 'request-id': id, ...more },
  });
}

/** The 404 of a path where nothing is. */
export const notFound = (request: Request): Response =>
  errorAnswer(404, 'not_found_error', `There is no ${new URL(request.url).pathname}.`);

/** The 500 of a server that crashed. */
export const crashResponse = (): Response => errorAnswer(500, 'api_error', 'Internal server error');

interface Stored {
  status: number;
  headers: [string, string][];
  body: ArrayBuffer;
}

/** Sends a stored reply, headers and all, to every request without a stream that has the same key. */
export function storedReplies(keyOf: (request: MessageRequest) => string): Alterations {
  const replies = (call: Call): Map<string, Stored> => {
    const known = call.state.notes.get('stored-replies') as Map<string, Stored> | undefined;
    const map = known ?? new Map<string, Stored>();
    call.state.notes.set('stored-replies', map);
    return map;
  };
  return {
    async request(request, call) {
      if (call.path !== '/v1/messages' || call.method !== 'POST') return request;
      const key = keyIn(await request.clone().text(), keyOf);
      const stored = key === null ? undefined : replies(call).get(key);
      return stored === undefined ? request : new Response(stored.body, stored);
    },
    async response(response, call) {
      if (call.prompt === null || call.stream || !response.ok) return response;
      const body = await response.arrayBuffer();
      const key = keyOf(call.prompt);
      const stored = { status: response.status, headers: [...response.headers], body };
      if (!replies(call).has(key)) replies(call).set(key, stored);
      return new Response(body, response);
    },
  };
}

function keyIn(body: string, keyOf: (request: MessageRequest) => string): string | null {
  try {
    const request = JSON.parse(body) as MessageRequest;
    return request.stream ? null : keyOf(request);
  } catch {
    return null;
  }
}
