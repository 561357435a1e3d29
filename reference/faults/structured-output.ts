import { isObject } from '../../core/json.js';
import { rewriteJsonBlocks, rewriteMessages } from '../alterations/messages.js';
import { acceptDespite, inStreams, rejectWhen, rewriteBody, rewritePrompt } from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import type { Call } from '../stages.js';
import type { FaultFamily } from './fault.js';

const isStructured = (call: Call): boolean => Boolean(call.prompt?.output_config?.format);

/** Replaces the text of structured answers. */
const answers = (change: (text: string) => string, streamed: boolean | null = null) =>
  rewriteMessages((message, call) =>
    isStructured(call) && (streamed ?? call.stream) === call.stream
      ? {
          ...message,
          content: message.content.map((block) =>
            block.type === 'text' ? { ...block, text: change(block.text) } : block,
          ),
        }
      : message,
  );

const fenced = (text: string): string => `\`\`\`json\n${text}\n\`\`\``;

/** The same object with its members in reverse order. */
function reversed(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? JSON.stringify(Object.fromEntries(Object.entries(value).reverse())) : text;
  } catch {
    return text;
  }
}

export const structuredOutputFaults: FaultFamily = {
  name: 'structured-output',
  title: 'answers and tool inputs that have to fit a schema',
  faults: [
    {
      id: 'format-ignored',
      title: 'The server ignores `output_config.format` and answers in prose.',
      level: 'MUST',
      mutant: 'RQ-aa',
      reports: ['RQ-72', 'RQ-73'],
      caughtBy: ['so.format.json', 'so.format.stream', 'so.format.unsupported'],
      alters: rewritePrompt((request) => without(request, 'output_config')),
    },
    {
      id: 'format-fenced',
      title: 'A structured answer stands in a code fence.',
      level: 'MUST',
      caughtBy: ['so.format.json', 'so.format.stream'],
      alters: answers(fenced),
    },
    {
      id: 'format-ignored-in-streams',
      title: '`output_config.format` has an effect only on JSON messages, not on streams.',
      level: 'MUST',
      caughtBy: ['so.format.stream', 'so.format.unsupported'],
      alters: inStreams(rewriteBody((body) => without(body, 'output_config'))),
    },
    {
      id: 'format-wrong-types',
      title: 'Numbers in a structured answer are strings.',
      level: 'MUST',
      caughtBy: ['so.format.json', 'so.format.stream'],
      alters: answers((text) => text.replace(/:(\d+)/g, ':"$1"')),
    },
    {
      id: 'open-schemas-taken',
      title: 'The server accepts a schema without `additionalProperties: false`.',
      level: 'SHOULD',
      caughtBy: ['so.schema.additional-properties'],
      alters: acceptDespite(/'additionalProperties' must be explicitly set to false/),
    },
    {
      id: 'recursive-schemas-taken',
      title: 'The server accepts a recursive schema and ignores it.',
      level: 'SHOULD',
      caughtBy: ['so.schema.unsupported'],
      alters: rewriteBody((body) =>
        /"\$ref":"#/.test(JSON.stringify(body.output_config ?? null))
          ? (without(body, 'output_config') as typeof body)
          : body,
      ),
    },
    {
      id: 'optional-properties-first',
      title: 'The properties of a structured answer come in reverse order.',
      level: 'MAY',
      caughtBy: ['so.required-first'],
      alters: answers(reversed),
    },
    {
      id: 'cut-structure-as-end-turn',
      title: 'A structured answer that `max_tokens` truncates ends with `end_turn`.',
      level: 'SHOULD',
      caughtBy: ['so.truncation'],
      alters: {
        message: (message, call) =>
          isStructured(call) && message.stop_reason === 'max_tokens'
            ? { ...message, stop_reason: 'end_turn' }
            : message,
      },
    },
    {
      id: 'strict-ignored',
      title: 'The input of a call of a strict tool does not fit its schema.',
      level: 'MUST',
      caughtBy: ['so.strict-tool'],
      alters: {
        message: (message, call) =>
          call.prompt?.tools?.some(({ strict }) => strict)
            ? {
                ...message,
                content: message.content.map((block) =>
                  block.type === 'tool_use'
                    ? { ...block, input: Object.fromEntries(Object.keys(block.input).map((key) => [key, 'anything'])) }
                    : block,
                ),
              }
            : message,
      },
    },
    {
      id: 'effort-refused',
      title: 'The server rejects every `output_config.effort`.',
      level: 'MAY',
      caughtBy: [],
      undetectable: 'Effort is optional; rejecting it with 400 is an honest way to decline it.',
      alters: rejectWhen(
        (request) => request.output_config?.effort != null && 'output_config.effort: Extra inputs are not permitted',
      ),
    },
    {
      id: 'effort-unchecked',
      title: 'The server accepts an unknown level of `output_config.effort`.',
      level: 'MAY',
      caughtBy: ['so.effort'],
      alters: rewriteBody((body) =>
        isObject(body.output_config) &&
        !['low', 'medium', 'high', 'max', 'xhigh', null, undefined].includes(body.output_config.effort as string)
          ? { ...body, output_config: without(body.output_config, 'effort') as typeof body }
          : body,
      ),
    },
    {
      id: 'structured-answer-in-two-blocks',
      title: 'A structured answer is split into two text blocks.',
      level: 'MUST',
      caughtBy: ['so.format.json'],
      alters: rewriteJsonBlocks((block) =>
        block.type === 'text' && block.text.startsWith('{')
          ? [
              { ...block, text: block.text.slice(0, 5) },
              { ...block, text: block.text.slice(5) },
            ]
          : block,
      ),
    },
  ],
};
