import { get, isObject, type Json, type JsonObject } from '../../../core/json.js';
import { chunks, reads } from './alter.js';
import { type GatewayFault, RESPONSES, without } from './fault.js';

const listOf = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** The response in a body, or in an event that has all of it, with a change. */
const withResponse =
  (change: (response: JsonObject) => JsonObject) =>
  (chunk: JsonObject): JsonObject => {
    if (chunk.object === 'response') return change(chunk);
    return isObject(chunk.response) ? { ...chunk, response: change(chunk.response) } : chunk;
  };

const withItems = (response: JsonObject, change: (item: JsonObject) => JsonObject): JsonObject => ({
  ...response,
  output: listOf(response.output).map(change),
});

const firstPart = (item: JsonObject): JsonObject =>
  Array.isArray(item.content) ? { ...item, content: item.content.slice(0, 1) } : item;

/** The translated request with every input item changed. */
const withInput =
  (change: (item: JsonObject) => JsonObject) =>
  (body: JsonObject): JsonObject => ({ ...body, input: listOf(body.input).map(change) });

/** What only the Responses API has is not read, or sent wrongly. */
export const responsesFaults: readonly GatewayFault[] = [
  {
    id: 'gw-strict-not-said',
    title: 'Tools are sent without `strict`, which the Responses API takes for true.',
    speaks: RESPONSES,
    caughtBy: ['gw.request.tools.strict'],
    alterations: {
      outgoing: (body) =>
        Array.isArray(body.tools) ? { ...body, tools: listOf(body.tools).map(without('strict')) } : body,
    },
  },
  {
    id: 'gw-stop-sent',
    title: 'Stop sequences are sent to an API that has no parameter for them.',
    speaks: RESPONSES,
    caughtBy: ['gw.request.valid'],
    cases: ['stops'],
    alterations: {
      incoming: ({ stop_sequences, ...rest }, call) => {
        call.memory.set(call.requestId, stop_sequences);
        return rest;
      },
      outgoing: (body, call) => {
        const stop = call.memory.get(call.requestId) as Json | undefined;
        return stop === undefined ? body : { ...body, stop };
      },
    },
  },
  {
    id: 'gw-input-text-of-assistant',
    title: 'Texts of the assistant are sent as `input_text`.',
    speaks: RESPONSES,
    caughtBy: ['gw.request.valid'],
    cases: ['turns'],
    alterations: {
      outgoing: withInput((item) => JSON.parse(JSON.stringify(item).replaceAll('"output_text"', '"input_text"'))),
    },
  },
  {
    id: 'gw-first-part-only',
    title: 'Only the first part of a message is read.',
    speaks: RESPONSES,
    caughtBy: ['gw.answer.parts'],
    alterations: chunks((chunk) => {
      if (typeof chunk.content_index === 'number' && chunk.content_index > 0) return undefined;
      if (isObject(chunk.item)) return { ...chunk, item: firstPart(chunk.item) };
      return withResponse((response) => withItems(response, firstPart))(chunk);
    }),
  },
  {
    id: 'gw-unknown-event-fails',
    title: 'An event of an unknown type ends the stream.',
    speaks: RESPONSES,
    caughtBy: ['gw.answer.extras'],
    alterations: chunks((chunk) =>
      chunk.type === 'response.x_provider.trace' ? { type: 'error', code: null, message: 'unknown event' } : chunk,
    ),
  },
  {
    id: 'gw-stream-usage-unread',
    title: 'The usage of a stream, which its last event has, is not read.',
    speaks: RESPONSES,
    caughtBy: ['gw.usage.stream'],
    alterations: chunks((chunk) =>
      chunk.type === 'response.completed' ? withResponse((response) => ({ ...response, usage: null }))(chunk) : chunk,
    ),
  },
  {
    id: 'gw-event-names-needed',
    title: 'An event without a name is not read.',
    speaks: RESPONSES,
    caughtBy: ['gw.stream.event-names'],
    alterations: reads((text) => text.replace(/(^|\n\n)data:/g, '$1other:')),
  },
  {
    id: 'gw-few-events-of-a-read',
    title: 'Of several events in one read only the first three are taken.',
    speaks: RESPONSES,
    caughtBy: ['gw.stream.one-write'],
    alterations: reads((text) =>
      text
        .split(/(?<=\n\n)/)
        .slice(0, 3)
        .join(''),
    ),
  },
  {
    id: 'gw-done-events-ignored',
    title: 'Content is taken from deltas alone; what comes only with the end of its part is lost.',
    speaks: RESPONSES,
    caughtBy: ['gw.stream.done-only'],
    alterations: chunks((chunk) => {
      if (/\.done$/.test(String(chunk.type))) return undefined;
      return chunk.type === 'response.completed'
        ? withResponse((response) => ({ ...response, output: [] }))(chunk)
        : chunk;
    }),
  },
  {
    id: 'gw-done-marker-fails',
    title: 'The marker [DONE] after the last event is taken for an event that is not JSON.',
    speaks: RESPONSES,
    caughtBy: ['gw.stream.done-marker'],
    alterations: reads((text) => text.replace('[DONE]', '[DONE')),
  },
  {
    id: 'gw-failed-as-answer',
    title: 'A response that has failed is read like a complete one.',
    speaks: RESPONSES,
    caughtBy: ['gw.errors.failed', 'gw.errors.cut.never-normal'],
    alterations: chunks((chunk) => {
      const isLast = chunk.type === 'response.failed';
      const read = withResponse((response) =>
        get(response, 'status') === 'failed' ? { ...response, status: 'completed', error: null } : response,
      )(chunk);
      return isLast ? { ...read, type: 'response.completed' } : read;
    }),
  },
];
