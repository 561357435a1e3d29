import { get, type Json, type JsonObject } from '../../../core/json.js';
import type { ErrorAnswer, GatewayAlterations } from '../stages.js';
import { events } from './alter.js';
import type { GatewayFault } from './fault.js';
import { answer, dropped, everywhere, MESSAGES, onlyHeaders, withoutBlocks } from './messages-shapes.js';

const told = (change: (answer: ErrorAnswer) => ErrorAnswer): GatewayAlterations => ({ error: change });

const errorOf = ({ body }: ErrorAnswer): JsonObject => (body as { error: JsonObject }).error;

const answersAndErrors: readonly GatewayFault[] = [
  {
    id: 'gw-pass-answer-rebuilt',
    title: 'A message is built anew from the fields that the gateway knows.',
    caughtBy: ['gw.pass.answer'],
    alterations: answer(dropped('container', 'context_management')),
  },
  {
    id: 'gw-pass-usage-reduced',
    title: 'The usage has its two totals alone.',
    caughtBy: ['gw.pass.answer.usage', 'gw.usage.cached.once'],
    alterations: answer((value) =>
      value.output_tokens === undefined
        ? value
        : { input_tokens: value.input_tokens, output_tokens: value.output_tokens },
    ),
  },
  {
    id: 'gw-pass-answer-signature-lost',
    title: 'Signatures of thinking are dropped from an answer.',
    caughtBy: ['gw.pass.answer.thinking'],
    alterations: answer((value) => (value.signature === undefined ? value : { ...value, signature: '' })),
  },
  {
    id: 'gw-pass-answer-redacted-lost',
    title: 'Redacted thinking is dropped from an answer.',
    caughtBy: ['gw.pass.answer.thinking', 'gw.pass.stream.events'],
    alterations: withoutBlocks('redacted_thinking'),
  },
  {
    id: 'gw-pass-answer-search-lost',
    title: 'Results of server tools are dropped from an answer.',
    caughtBy: ['gw.pass.answer.server-tools'],
    alterations: withoutBlocks('web_search_tool_result'),
  },
  {
    id: 'gw-pass-answer-citations-lost',
    title: 'Citations are dropped from an answer.',
    caughtBy: ['gw.pass.answer.citations'],
    alterations: {
      message: (message) => everywhere(message, dropped('citations')) as JsonObject,
      ...events((event) => (get(event, 'delta', 'type') === 'citations_delta' ? [] : [event])),
    },
  },
  {
    id: 'gw-pass-stop-sequence-lost',
    title: 'The stop sequence that was met is not named.',
    caughtBy: ['gw.pass.answer.stop'],
    alterations: answer((value) => (value.stop_sequence === undefined ? value : { ...value, stop_sequence: null })),
  },
  {
    id: 'gw-pass-stop-details-lost',
    title: 'Details of a refusal are dropped.',
    caughtBy: ['gw.pass.answer.stop'],
    alterations: answer(dropped('stop_details')),
  },
  {
    id: 'gw-pass-limits-dropped',
    title: 'Rate limit headers of the upstream are dropped.',
    caughtBy: ['gw.pass.answer.limits'],
    alterations: { responseHeaders: onlyHeaders((name) => !name.startsWith('anthropic-ratelimit-')) },
  },
  {
    id: 'gw-pass-frames-twice',
    title: 'The last events of the upstream come beside copies of the gateway.',
    caughtBy: ['gw.pass.stream.events'],
    alterations: events((event) => (event.type === 'message_delta' ? [event, { ...event }] : [event])),
  },
  {
    id: 'gw-pass-pings-dropped',
    title: 'Pings of the upstream are dropped.',
    caughtBy: ['gw.pass.stream.pings'],
    alterations: events((event) => (event.type === 'ping' ? [] : [event])),
  },
  {
    id: 'gw-pass-unknown-events-dropped',
    title: 'Events with an unknown type are dropped.',
    caughtBy: ['gw.pass.stream.unknown-events'],
    alterations: events((event) => (event.type === 'x_progress' ? [] : [event])),
  },
  {
    id: 'gw-pass-refusal-emptied',
    title: 'A refusal becomes an empty answer with a normal end.',
    caughtBy: ['gw.answer.refusal', 'gw.pass.answer.stop'],
    alterations: {
      message: (message) =>
        message.stop_reason === 'refusal' ? { ...message, content: [], stop_reason: 'end_turn' } : message,
    },
  },
  {
    id: 'gw-pass-first-usage-kept',
    title: 'A stream ends with the usage of its beginning.',
    caughtBy: ['gw.usage.stream'],
    alterations: events((event, memory) => {
      if (event.type === 'message_start') memory.set('usage', get(event, 'message', 'usage'));
      return event.type === 'message_delta' ? [{ ...event, usage: memory.get('usage') as Json }] : [event];
    }),
  },
  {
    id: 'gw-pass-empty-delta-ends',
    title: 'An empty delta is taken for the end of a text.',
    caughtBy: ['gw.stream.empty-deltas'],
    alterations: events((event, memory) => {
      if (event.type !== 'content_block_delta') return [event];
      if (get(event, 'delta', 'text') === '') memory.set('over', true);
      return memory.has('over') ? [] : [event];
    }),
  },
  {
    id: 'gw-pass-first-arguments-lost',
    title: 'The first arguments of a call are taken for its empty opening and dropped.',
    caughtBy: ['gw.stream.call.whole', 'gw.answer.call'],
    alterations: events((event, memory) => {
      const json = get(event, 'delta', 'partial_json');
      const block = String(event.index);
      if (typeof json !== 'string' || json === '' || memory.has(block)) return [event];
      memory.set(block, true);
      return [];
    }),
  },
  {
    id: 'gw-pass-error-reworded',
    title: 'Errors of the upstream get a message of the gateway.',
    caughtBy: ['gw.pass.errors', 'gw.errors.message'],
    alterations: told((one) => ({
      ...one,
      body: { ...(one.body as JsonObject), error: { ...errorOf(one), message: 'The provider returned an error.' } },
    })),
  },
  {
    id: 'gw-pass-529-as-503',
    title: 'HTTP 529 of the upstream becomes a 503.',
    caughtBy: ['gw.pass.errors'],
    alterations: told((one) => (one.status === 529 ? { ...one, status: 503 } : one)),
  },
];

/** A transparent gateway loses or changes something on the way to its client. */
export const passAnswerFaults: readonly GatewayFault[] = answersAndErrors.map((fault) => ({
  ...fault,
  speaks: MESSAGES,
}));
