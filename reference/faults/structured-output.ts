import { isObject } from '../../core/json.js';
import { rewriteJsonMessages, rewriteMessages } from '../alterations/messages.js';
import { acceptDespite, rejectWhen, rewriteBody, rewritePrompt } from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import type { MessageRequest } from '../wire.js';
import type { FaultFamily } from './fault.js';

/** Changes the text of structured answers. */
const answers = (change: (text: string) => string, streamed: boolean | null = null) => ({
  prompt(request: MessageRequest, call: { requestId: string; state: { notes: Map<string, unknown> } }) {
    if (request.output_config?.format) call.state.notes.set(call.requestId, true);
    return request;
  },
  ...rewriteMessages((message, call) =>
    call.state.notes.has(call.requestId) && (streamed ?? call.stream) === call.stream
      ? {
          ...message,
          content: message.content.map((block) =>
            block.type === 'text' ? { ...block, text: change(block.text) } : block,
          ),
        }
      : message,
  ),
});

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
      title: 'output_config.format is ignored: the answer is prose.',
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
      title: 'output_config.format is in force only when the reply is not streamed.',
      level: 'MUST',
      caughtBy: ['so.format.stream', 'so.format.unsupported'],
      alters: rewriteBody((body) => (body.stream === true ? (without(body, 'output_config') as typeof body) : body)),
    },
    {
      id: 'format-wrong-types',
      title: 'Numbers of a structured answer are strings.',
      level: 'MUST',
      caughtBy: ['so.format.json', 'so.format.stream'],
      alters: answers((text) => text.replace(/:(\d+)/g, ':"$1"')),
    },
    {
      id: 'open-schemas-taken',
      title: 'A schema whose object does not close its properties is taken.',
      level: 'SHOULD',
      caughtBy: ['so.schema.additional-properties'],
      alters: acceptDespite(/'additionalProperties' must be explicitly set to false/),
    },
    {
      id: 'recursive-schemas-taken',
      title: 'A schema that contains itself is taken and then ignored.',
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
      title: 'A structured answer that max_tokens cuts ends with end_turn.',
      level: 'SHOULD',
      caughtBy: ['so.truncation'],
      alters: {
        prompt(request, call) {
          if (request.output_config?.format) call.state.notes.set(call.requestId, true);
          return request;
        },
        message: (message, call) =>
          call.state.notes.has(call.requestId) && message.stop_reason === 'max_tokens'
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
        prompt(request, call) {
          if (request.tools?.some(({ strict }) => strict)) call.state.notes.set(call.requestId, true);
          return request;
        },
        message: (message, call) =>
          call.state.notes.has(call.requestId)
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
      title: 'output_config.effort is refused, whatever its level.',
      level: 'MAY',
      caughtBy: [],
      undetectable: 'Effort is optional, and refused with 400 it is declined honestly.',
      alters: rejectWhen(
        (request) => request.output_config?.effort != null && 'output_config.effort: Extra inputs are not permitted',
      ),
    },
    {
      id: 'effort-unchecked',
      title: 'A level of output_config.effort that does not exist is taken.',
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
      title: 'A structured answer is divided into two text blocks.',
      level: 'MUST',
      caughtBy: ['so.format.json'],
      alters: rewriteJsonMessages((message) => ({
        ...message,
        content: message.content.flatMap((block) =>
          block.type === 'text' && block.text.startsWith('{')
            ? [
                { ...block, text: block.text.slice(0, 5) },
                { ...block, text: block.text.slice(5) },
              ]
            : [block],
        ),
      })),
    },
  ],
};
