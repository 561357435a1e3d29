import { isObject, type Json, type JsonObject } from '../../../core/json.js';
import { events } from './alter.js';
import { type GatewayFault, without } from './fault.js';
import { answer, dropped, isType, MESSAGES, onlyHeaders, request } from './messages-shapes.js';

const isOmitted = (value: JsonObject): boolean => value.type === 'thinking' && value.thinking === '';

/** What a transparent gateway loses of requests and answers of agents. */
const faults: readonly GatewayFault[] = [
  {
    id: 'gw-pass-omitted-thinking-dropped',
    title: 'Thinking without a text is dropped from the history, and its signature with it.',
    caughtBy: ['gw.pass.thinking', 'gw.pass.body'],
    alterations: request((value) => (isOmitted(value) ? undefined : value)),
  },
  {
    id: 'gw-pass-marks-of-texts-only',
    title: '`cache_control` is kept on texts only.',
    caughtBy: ['gw.pass.cache-control'],
    alterations: request((value) => (isType('document', 'tool_use')(value) ? dropped('cache_control')(value) : value)),
  },
  {
    id: 'gw-pass-top-mark-dropped',
    title: '`cache_control` at the top of a request is dropped.',
    caughtBy: ['gw.pass.cache-control'],
    alterations: { outgoing: without('cache_control') },
  },
  {
    id: 'gw-pass-earlier-citations-dropped',
    title: 'Texts of the history lose their citations.',
    caughtBy: ['gw.pass.documents', 'gw.pass.server-tools'],
    alterations: request((value) => (value.type === 'text' ? dropped('citations')(value) : value)),
  },
  {
    id: 'gw-pass-result-titles-dropped',
    title: 'Search results in a tool result lose their titles.',
    caughtBy: ['gw.pass.documents', 'gw.pass.body'],
    alterations: request((value) =>
      value.type === 'tool_result' && Array.isArray(value.content)
        ? {
            ...value,
            content: value.content.map((one) => (isObject(one) ? { ...one, ...(one.title && { title: '' }) } : one)),
          }
        : value,
    ),
  },
  {
    id: 'gw-pass-user-cut',
    title: '`metadata.user_id` is cut after 64 characters.',
    caughtBy: ['gw.pass.body'],
    alterations: request((value) =>
      typeof value.user_id === 'string' ? { ...value, user_id: value.user_id.slice(0, 64) } : value,
    ),
  },
  {
    id: 'gw-pass-answer-unknown-dropped',
    title: 'Fields of an answer that the gateway does not know are dropped.',
    caughtBy: ['gw.pass.answer'],
    alterations: answer(dropped('x_provider')),
  },
  {
    id: 'gw-pass-caller-dropped',
    title: 'Calls of tools lose their `caller`.',
    caughtBy: ['gw.pass.answer'],
    alterations: answer(dropped('caller')),
  },
  {
    id: 'gw-pass-answer-omitted-thinking-dropped',
    title: 'Thinking without a text is dropped from an answer, and its signature with it.',
    caughtBy: ['gw.pass.answer.thinking'],
    alterations: {
      message: (message) => ({
        ...message,
        content: (message.content as JsonObject[]).filter((block) => !isOmitted(block)) as Json[],
      }),
    },
  },
  {
    id: 'gw-pass-start-counts-nothing',
    title: '`message_start` counts no input tokens.',
    caughtBy: ['gw.pass.answer.usage'],
    alterations: events((event) =>
      isObject(event.message)
        ? [{ ...event, message: { ...event.message, usage: { input_tokens: 0, output_tokens: 0 } } }]
        : [event],
    ),
  },
  {
    id: 'gw-pass-unknown-events-emptied',
    title: 'Events with an unknown type lose their fields.',
    caughtBy: ['gw.pass.stream.unknown-events'],
    alterations: events((event) => (event.type === 'x_progress' ? [{ type: event.type }] : [event])),
  },
  {
    id: 'gw-pass-stream-error-reworded',
    title: 'Every error in mid-stream has the same message.',
    caughtBy: ['gw.pass.errors'],
    alterations: events((event) =>
      event.type === 'error'
        ? [{ ...event, error: { ...(event.error as JsonObject), message: 'The upstream failed.' } }]
        : [event],
    ),
  },
  {
    id: 'gw-pass-limits-of-errors-dropped',
    title: 'Rate limit headers of an error are dropped.',
    caughtBy: ['gw.pass.answer.limits'],
    alterations: {
      error: (told) => ({ ...told, headers: onlyHeaders((name) => !name.startsWith('anthropic-'))(told.headers) }),
    },
  },
];

export const passAgentFaults: readonly GatewayFault[] = faults.map((fault) => ({ ...fault, speaks: MESSAGES }));
