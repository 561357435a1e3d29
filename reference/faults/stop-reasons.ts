import { reportInstead, rewriteMessages } from '../alterations/messages.js';
import { rewritePrompt } from '../alterations/requests.js';
import { respondOnRepeat } from '../alterations/responses.js';
import { without } from '../alterations/without.js';
import type { Message } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, CUT_UNTOLD, EVERY_REASON, EVERY_SEQUENCE, STRUCK } from './reasons.js';

const textOf = (message: Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

export const stopReasonsFaults: FaultFamily = {
  name: 'stop-reasons',
  title: 'why a reply ended, and stop sequences',
  faults: [
    {
      id: 'pause-not-resumed',
      title: 'A reply that paused its turn is refused when it comes back.',
      level: 'MAY',
      caughtBy: ['stop.pause-turn.resume'],
      alters: {
        refusal: (refusal) => (/server tools/.test(refusal.message) ? null : refusal),
        prompt(request, call) {
          const tools = (request.tools ?? []) as unknown as { type?: string }[];
          if (tools.some(({ type }) => type?.startsWith('web_search'))) call.state.notes.set(call.requestId, true);
          return request;
        },
        message: (message, call) =>
          call.state.notes.has(call.requestId)
            ? { ...message, stop_reason: 'pause_turn' as never, content: [{ type: 'text', text: 'Let me search.' }] }
            : message,
        objection: (request) =>
          request.messages.at(-1)?.role === 'assistant'
            ? { refusal: 'invalid_request_error', message: 'messages: the conversation must end with a user message' }
            : null,
      },
    },
    {
      id: 'end-turn-when-cut',
      title: 'A reply that max_tokens cut ends with end_turn.',
      level: 'MUST',
      mutant: 'SR-c',
      reports: ['SR-09'],
      caughtBy: ['stop.max-tokens', 'stream.tool.truncated', 'so.truncation'],
      alsoFails: {
        ...because(EVERY_REASON, 'stream.tool.stop-reason', 'req.max-tokens.zero'),
        ...because(CUT_UNTOLD, 'sdk.go.accumulate'),
      },
      alters: reportInstead('max_tokens', 'end_turn'),
    },
    {
      id: 'tool-use-without-call',
      title: 'A turn without any call ends with tool_use.',
      level: 'MUST',
      mutant: 'SR-k',
      reports: ['SR-18', 'SR-19'],
      caughtBy: ['stop.end-turn'],
      alsoFails: because('The last turn of a tool loop is such a turn.', 'tr.loop'),
      alters: reportInstead('end_turn', 'tool_use'),
    },
    {
      id: 'max-tokens-always',
      title: 'Every reply ends with max_tokens.',
      level: 'MUST',
      caughtBy: ['stop.end-turn'],
      alsoFails: because('Replies that came to their end say that they were cut.', 'usage.truncated.equals-limit'),
      alters: rewriteMessages((message) => ({ ...message, stop_reason: 'max_tokens', stop_sequence: null })),
    },
    {
      id: 'cut-text-null',
      title: 'A reply that max_tokens cut holds a text block whose text is null.',
      level: 'MUST',
      caughtBy: ['stop.max-tokens.valid-content'],
      alsoFails: because('A text that is null is no text, in a cut reply as in any other.', 'resp.content.text-shape'),
      alters: {
        json: (body) => {
          const message = body as unknown as Message;
          if (message.type !== 'message' || message.stop_reason !== 'max_tokens') return body;
          return {
            ...message,
            content: message.content.map((block) => (block.type === 'text' ? { ...block, text: null } : block)),
          };
        },
      },
    },
    {
      id: 'stop-sequences-ignored',
      title: 'Stop sequences are taken and stop nothing.',
      level: 'MUST',
      caughtBy: ['stop.sequence.reason', 'req.stop-sequences.five', 'req.stop-sequences.six'],
      alsoFails: because(EVERY_SEQUENCE, 'stop.sequence.multichar'),
      alters: rewritePrompt((request) => without(request, 'stop_sequences')),
    },
    {
      id: 'stop-sequence-as-end-turn',
      title: 'A reply that a stop sequence ended has the stop reason end_turn.',
      level: 'MUST',
      caughtBy: ['stop.sequence.reason'],
      alsoFails: because(EVERY_SEQUENCE, 'resp.stop-sequence.null', 'stop.sequence.multichar', 'stream.stop-sequence'),
      alters: reportInstead('stop_sequence', 'end_turn'),
    },
    {
      id: 'stop-sequence-unnamed',
      title: 'stop_sequence is null though one ended the reply.',
      level: 'MUST',
      caughtBy: ['stop.sequence.value', 'stream.stop-sequence'],
      alters: reportInstead('stop_sequence', 'stop_sequence', { stop_sequence: null }),
    },
    {
      id: 'stop-sequence-trimmed',
      title: 'stop_sequence names the sequence in capitals, without its blanks.',
      level: 'MUST',
      caughtBy: ['stop.sequence.value', 'stop.sequence.which', 'stream.stop-sequence'],
      alters: rewriteMessages((message) => ({
        ...message,
        stop_sequence: message.stop_sequence?.trim().concat('!') ?? null,
      })),
    },
    {
      id: 'stop-sequence-first-of-list',
      title: 'stop_sequence names the first sequence of the request, whichever came up.',
      level: 'MUST',
      caughtBy: ['stop.sequence.which'],
      alters: {
        prompt(request, call) {
          call.state.notes.set(call.requestId, request.stop_sequences?.[0]);
          return request;
        },
        message: (message, call) =>
          message.stop_sequence === null
            ? message
            : { ...message, stop_sequence: call.state.notes.get(call.requestId) as string },
      },
    },
    {
      id: 'stop-sequence-in-text',
      title: 'The stop sequence stands at the end of the text.',
      level: 'SHOULD',
      caughtBy: ['stop.sequence.excluded'],
      alsoFails: because(EVERY_SEQUENCE, 'stop.sequence.multichar'),
      alters: rewriteMessages((message) => {
        const last = message.content.findLastIndex(({ type }) => type === 'text');
        return message.stop_sequence === null
          ? message
          : {
              ...message,
              content: message.content.map((block, index) =>
                index === last && block.type === 'text'
                  ? { ...block, text: block.text + message.stop_sequence }
                  : block,
              ),
            };
      }),
    },
    {
      id: 'stop-sequence-halfway',
      title: 'The first signs of a stop sequence of several tokens come through before it is noticed.',
      level: 'SHOULD',
      caughtBy: ['stop.sequence.multichar'],
      alters: rewriteMessages((message) => {
        const sequence = message.stop_sequence ?? '';
        const last = message.content.findLastIndex(({ type }) => type === 'text');
        return sequence.length < 3 || textOf(message) === ''
          ? message
          : {
              ...message,
              content: message.content.map((block, index) =>
                index === last && block.type === 'text'
                  ? { ...block, text: block.text + sequence.slice(0, -1) }
                  : block,
              ),
            };
      }),
    },
    {
      id: 'refusal-as-error',
      title: 'A prompt that a safety classifier declines is answered with 400 and the code content_filter.',
      level: 'SHOULD',
      caughtBy: ['stop.refusal.http-200'],
      alsoFails: because(STRUCK, 'models.consistent'),
      alters: respondOnRepeat(({ requestId }) => {
        const error = {
          type: 'invalid_request_error',
          code: 'content_filter',
          message: 'The response was filtered.',
        };
        return new Response(JSON.stringify({ type: 'error', error, request_id: requestId }), {
          status: 400,
          headers: { 'content-type': 'application/json', 'request-id': requestId },
        });
      }),
    },
  ],
};
