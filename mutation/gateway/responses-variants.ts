/** Legal ways to say a request in the Responses API. */

import { get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { RESPONSES } from '../../reference/gateway/faults/fault.js';
import type { GatewayCall } from '../../reference/gateway/stages.js';
import type { GatewayVariant } from './variant.js';

const listOf = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

const isMessage = (item: JsonObject): boolean => (item.type ?? 'message') === 'message';

/** The request with every input item changed, into others or none. */
const withInput =
  (change: (item: JsonObject, index: number) => JsonObject | readonly JsonObject[]) =>
  (body: JsonObject): JsonObject => ({
    ...body,
    input: listOf(body.input).flatMap((item, index) => change(item, index)),
  });

const ofType = (type: string, change: (item: JsonObject, index: number) => JsonObject) =>
  withInput((item, index) => (item.type === type ? change(item, index) : item));

const ofAssistant = (change: (item: JsonObject, index: number) => JsonObject) =>
  withInput((item, index) => (isMessage(item) && item.role === 'assistant' ? change(item, index) : item));

const systemAs =
  (role: string) =>
  ({ instructions, ...body }: JsonObject): JsonObject =>
    instructions === undefined ? body : { ...body, input: [{ role, content: instructions }, ...listOf(body.input)] };

/** Thinking of the client's history, in order. */
const thoughtsIn = ({ request }: GatewayCall): JsonObject[] =>
  listOf(request.messages)
    .flatMap(({ content }) => listOf(content))
    .filter(({ type }) => type === 'thinking');

const VARIANTS: readonly GatewayVariant[] = [
  {
    id: 'gv-items-developer',
    title: 'The system prompt is an input message with the role developer.',
    alterations: { outgoing: systemAs('developer') },
  },
  {
    id: 'gv-items-system',
    title: 'The system prompt is an input message with the role system.',
    alterations: { outgoing: systemAs('system') },
  },
  {
    id: 'gv-items-string',
    title: 'A single text of the user is sent as a string.',
    alterations: {
      outgoing: (body) => {
        const [only, ...others] = listOf(body.input);
        return others.length === 0 && typeof only?.content === 'string' ? { ...body, input: only.content } : body;
      },
    },
  },
  {
    id: 'gv-items-typed',
    title: 'Every message says its type.',
    alterations: { outgoing: withInput((item) => (isMessage(item) ? { type: 'message', ...item } : item)) },
  },
  {
    id: 'gv-items-as-returned',
    title: 'Messages of the assistant have the form in which the API returned them, ids and annotations included.',
    alterations: {
      outgoing: ofAssistant((item, index) => ({
        ...item,
        id: `msg_${index}`,
        type: 'message',
        status: 'completed',
        content: listOf(item.content).map((part) => ({ ...part, annotations: [] })),
      })),
    },
  },
  {
    id: 'gv-items-assistant-strings',
    title: 'A text of the assistant is sent as a string.',
    alterations: {
      outgoing: ofAssistant((item) => ({
        ...item,
        content: listOf(item.content)
          .map(({ text }) => String(text))
          .join('\n'),
      })),
    },
  },
  {
    id: 'gv-items-output-parts',
    title: 'The output of a call is a list of parts.',
    alterations: {
      outgoing: ofType('function_call_output', (item) => ({
        ...item,
        output: typeof item.output === 'string' ? [{ type: 'input_text', text: item.output }] : (item.output ?? ''),
      })),
    },
  },
  {
    id: 'gv-items-call-status',
    title: 'Calls of the history have the id and the status of their items.',
    alterations: {
      outgoing: ofType('function_call', (item, index) => ({ ...item, id: `fc_${index}`, status: 'completed' })),
    },
  },
  {
    id: 'gv-items-ids-rewritten',
    title: 'Ids of calls are rewritten, those of their outputs alike.',
    alterations: {
      outgoing: withInput((item) =>
        typeof item.call_id === 'string'
          ? { ...item, call_id: `call_${Buffer.from(item.call_id).toString('hex')}` }
          : item,
      ),
    },
  },
  {
    id: 'gv-items-arguments-layout',
    title: 'Arguments of the history are written in another layout.',
    alterations: {
      outgoing: ofType('function_call', (item) => ({
        ...item,
        arguments: JSON.stringify(JSON.parse(String(item.arguments)), null, 1),
      })),
    },
  },
  {
    id: 'gv-items-reasoning',
    title: 'Earlier thinking is sent as reasoning, with its signature as the encrypted content.',
    alterations: {
      outgoing: (body, call) => {
        const thoughts = thoughtsIn(call).map(({ thinking, signature }, index) => ({
          id: `rs_${index}`,
          type: 'reasoning',
          summary: [{ type: 'summary_text', text: thinking ?? '' }],
          encrypted_content: signature ?? null,
        }));
        const at = listOf(body.input).findIndex(({ role }) => role === 'assistant');
        return withInput((item, index) => (index === at ? [...thoughts, item] : item))(body);
      },
    },
  },
  {
    id: 'gv-items-allowed-tools',
    title: 'A tool choice is said as a list of allowed tools.',
    alterations: {
      outgoing: (body) => {
        const { tool_choice: choice } = body;
        const all = listOf(body.tools).map(({ name }) => name);
        const names = isObject(choice) ? [choice.name] : all;
        if (choice === undefined || choice === 'none' || (isObject(choice) && all.length < 2)) return body;
        const tools = names.map((name) => ({ type: 'function', name }));
        const mode = choice === 'auto' ? 'auto' : 'required';
        return { ...body, tool_choice: { type: 'allowed_tools', mode, tools } };
      },
    },
  },
  {
    id: 'gv-items-web-search',
    title: 'The web search of the server becomes that of the API.',
    alterations: {
      incoming: (body) => ({
        ...body,
        ...(Array.isArray(body.tools) && { tools: body.tools.filter((tool) => get(tool, 'name') !== 'web_search') }),
      }),
      outgoing: (body) =>
        JSON.stringify(body.input).includes('tools-server/')
          ? { ...body, tools: [{ type: 'web_search_preview' }] }
          : body,
    },
  },
  {
    id: 'gv-items-user-as-key',
    title: 'The id of the user is sent as the key of the cache.',
    alterations: {
      outgoing: ({ safety_identifier: user, ...body }) =>
        user === undefined ? body : { ...body, prompt_cache_key: user },
    },
  },
  {
    id: 'gv-items-more-fields',
    title: 'Requests ask for encrypted reasoning and say what the API does anyway.',
    alterations: {
      outgoing: (body) => ({
        ...body,
        include: ['reasoning.encrypted_content'],
        truncation: 'disabled',
        background: false,
        metadata: {},
        text: { format: { type: 'text' }, ...(body.text as JsonObject | undefined), verbosity: 'medium' },
      }),
    },
  },
];

export const RESPONSES_VARIANTS: readonly GatewayVariant[] = VARIANTS.map((variant) => ({
  ...variant,
  speaks: RESPONSES,
}));
