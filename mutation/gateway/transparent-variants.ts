/** Legal ways in which a transparent gateway may work: both of its sides speak the Messages API. */

import { get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { events } from '../../reference/gateway/faults/alter.js';
import { withMessages } from '../../reference/gateway/faults/fault.js';
import { MESSAGES } from '../../reference/gateway/faults/messages-shapes.js';
import type { GatewayVariant } from './variant.js';

const asBlocks = (content: Json | undefined): Json =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);

const textOf = (event: JsonObject): string | null => {
  const text = get(event, 'delta', 'text');
  return event.type === 'content_block_delta' && typeof text === 'string' ? text : null;
};

const withText = (event: JsonObject, text: string): JsonObject => ({
  ...event,
  delta: { ...(event.delta as JsonObject), text },
});

const VARIANTS: readonly GatewayVariant[] = [
  {
    id: 'gv-pass-bytes',
    title: 'The bytes of an answer are passed on unread; a broken connection breaks off for the client too.',
    alterations: { behaviour: { passesBytes: true } },
  },
  {
    id: 'gv-pass-client-key',
    title: "The client's key is passed on, and so is a 401.",
    alterations: {
      outgoingHeaders: (headers, call) => ({ ...headers, 'x-api-key': call.headers['x-api-key'] ?? '' }),
      error: (answer, { status, body }) =>
        status === 401 && isObject(body) ? { ...answer, status, body: body as Json } : answer,
    },
  },
  {
    id: 'gv-pass-bearer',
    title: 'The key for the upstream is sent as a bearer token.',
    alterations: {
      outgoingHeaders: ({ 'x-api-key': key, ...headers }) => ({ ...headers, authorization: `Bearer ${key}` }),
    },
  },
  {
    id: 'gv-pass-model-mapped',
    title: 'The model has another name at the upstream.',
    alterations: { outgoing: (body) => ({ ...body, model: 'claude-of-the-upstream' }) },
  },
  {
    id: 'gv-pass-more-betas',
    title: 'The gateway adds a beta of its own.',
    alterations: {
      outgoingHeaders: ({ 'anthropic-beta': betas, ...headers }) => ({
        ...headers,
        'anthropic-beta': [betas, 'oauth-2025-04-20'].filter((one) => one !== undefined).join(','),
      }),
    },
  },
  {
    id: 'gv-pass-strings-as-blocks',
    title: 'A content that is a string becomes one text block.',
    alterations: {
      outgoing: (body) => ({
        ...withMessages((messages) => messages.map((one) => ({ ...one, content: asBlocks(one.content) })))(body),
        ...(typeof body.system === 'string' && { system: asBlocks(body.system) }),
      }),
    },
  },
  {
    id: 'gv-pass-stream-said',
    title: 'Every request says whether it streams.',
    alterations: { outgoing: (body) => ({ stream: false, ...body }) },
  },
  {
    id: 'gv-pass-keys-reordered',
    title: 'Fields of requests come in another order.',
    alterations: { outgoing: (body) => Object.fromEntries(Object.entries(body).reverse()) },
  },
  {
    id: 'gv-pass-deltas-split',
    title: 'A delta leaves as one for each character.',
    alterations: events((event) => {
      const text = textOf(event);
      return text === null || text.length > 60 ? [event] : [...text].map((one) => withText(event, one));
    }),
  },
  {
    id: 'gv-pass-no-empty-deltas',
    title: 'Empty deltas are left out.',
    alterations: events((event) =>
      ['text', 'thinking', 'partial_json'].some((name) => get(event, 'delta', name) === '') ? [] : [event],
    ),
  },
  {
    id: 'gv-pass-pings-as-comments',
    title: 'Pings leave as comments.',
    alterations: { frame: (frame, event) => (event.type === 'ping' ? ': ping\n\n' : frame) },
  },
  {
    id: 'gv-pass-own-ids',
    title: 'Messages have ids of the gateway.',
    alterations: {
      message: (message, call) => ({ ...message, id: `msg_${call.requestId}` }),
      ...events((event, _memory, call) =>
        event.type === 'message_start' && isObject(event.message)
          ? [{ ...event, message: { ...event.message, id: `msg_${call.requestId}` } }]
          : [event],
      ),
    },
  },
  {
    id: 'gv-pass-own-request-ids',
    title: 'Responses have a request-id of the gateway.',
    alterations: { responseHeaders: (headers, call) => ({ ...headers, 'request-id': call.requestId }) },
  },
  {
    id: 'gv-pass-error-named',
    title: 'The message of an error names the provider before its own.',
    alterations: {
      error: (answer) => {
        const { error, ...body } = answer.body as { error: JsonObject };
        return { ...answer, body: { ...body, error: { ...error, message: `[anthropic] ${String(error.message)}` } } };
      },
    },
  },
  {
    id: 'gv-pass-other-headers-dropped',
    title: 'Headers of the client outside the protocol are dropped, and one of the gateway is added.',
    alterations: { outgoingHeaders: (headers) => ({ ...headers, 'x-forwarded-by': 'gateway' }) },
  },
];

export const TRANSPARENT_VARIANTS: readonly GatewayVariant[] = VARIANTS.map((variant) => ({
  ...variant,
  speaks: MESSAGES,
}));
