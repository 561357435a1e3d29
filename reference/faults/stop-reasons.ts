import { reportInstead, rewriteJsonMessages, rewriteMessages } from '../alterations/messages.js';
import { rewritePrompt } from '../alterations/requests.js';
import { respondOnRepeat } from '../alterations/responses.js';
import { rewriteEventsOf } from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { Message } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, NEEDS_STOP_SEQUENCE, READS_STOP_REASON, TRUNCATION_HIDDEN } from './reasons.js';

const textOf = (message: Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

export const stopReasonsFaults: FaultFamily = {
  name: 'stop-reasons',
  title: 'why a reply ended, and stop sequences',
  faults: [
    {
      id: 'pause-not-resumed',
      title: 'The server rejects a paused turn when the client sends it back.',
      level: 'MAY',
      caughtBy: ['stop.pause-turn.resume'],
      alsoFails: because('One of the counted conversations ends with the assistant.', 'agent.counts.at-once'),
      alters: {
        message: (message, call) =>
          call.prompt?.tools?.some(({ type }) => type?.startsWith('web_search'))
            ? { ...message, stop_reason: 'pause_turn' as never, content: [{ type: 'text', text: 'Let me search.' }] }
            : message,
        rejectValid: (request) =>
          request.messages.at(-1)?.role === 'assistant'
            ? { errorType: 'invalid_request_error', message: 'messages: the conversation must end with a user message' }
            : null,
      },
    },
    {
      id: 'end-turn-when-cut',
      title: 'A reply that `max_tokens` truncates ends with `end_turn`.',
      level: 'MUST',
      mutant: 'SR-c',
      reports: ['SR-09'],
      caughtBy: ['stop.max-tokens', 'stream.tool.truncated', 'so.truncation'],
      alsoFails: {
        ...because(READS_STOP_REASON, 'req.max-tokens.zero'),
        ...because(TRUNCATION_HIDDEN, 'sdk.go.accumulate'),
      },
      alters: reportInstead('max_tokens', 'end_turn'),
    },
    {
      id: 'nothing-when-cut',
      title: 'A reply that `max_tokens` truncates arrives without content and counts no tokens.',
      level: 'SHOULD',
      caughtBy: ['stop.max-tokens', 'usage.truncated.equals-limit'],
      alsoFails: because('No output tokens are reported for what was thought.', 'usage.thinking-within-output'),
      alters: rewriteMessages((message) =>
        message.stop_reason === 'max_tokens'
          ? { ...message, content: [], usage: { ...message.usage, output_tokens: 0 } }
          : message,
      ),
    },
    {
      id: 'tool-use-without-call',
      title: 'A turn without any call ends with `tool_use`.',
      level: 'MUST',
      mutant: 'SR-k',
      reports: ['SR-18', 'SR-19'],
      caughtBy: ['stop.end-turn'],
      alsoFails: because('The last turn of a tool loop has no call.', 'tr.loop'),
      alters: reportInstead('end_turn', 'tool_use'),
    },
    {
      id: 'max-tokens-always',
      title: 'Every reply ends with `max_tokens`.',
      level: 'MUST',
      caughtBy: ['stop.end-turn'],
      alsoFails: {
        ...because('Complete replies claim that they were truncated.', 'usage.truncated.equals-limit'),
        'resp.optional.null-or-valid': 'A refusal keeps its `stop_details`, and has another reason.',
      },
      alters: rewriteMessages((message) => ({ ...message, stop_reason: 'max_tokens', stop_sequence: null })),
    },
    {
      id: 'cut-text-null',
      title: 'A reply that `max_tokens` truncates has a text block whose `text` is null.',
      level: 'MUST',
      caughtBy: ['stop.max-tokens.valid-content'],
      alsoFails: because('The text of a block is a string in truncated replies too.', 'resp.content.text-shape'),
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
      title: 'The server accepts stop sequences and ignores them.',
      level: 'MUST',
      caughtBy: ['stop.sequence.reason', 'req.stop-sequences.five', 'req.stop-sequences.six'],
      alsoFails: because(NEEDS_STOP_SEQUENCE, 'stop.sequence.multichar'),
      alters: rewritePrompt((request) => without(request, 'stop_sequences')),
    },
    {
      id: 'stop-sequence-as-end-turn',
      title: 'A reply that a stop sequence ended has the stop reason `end_turn`.',
      level: 'MUST',
      caughtBy: ['stop.sequence.reason'],
      alters: reportInstead('stop_sequence', 'end_turn'),
    },
    {
      id: 'stop-sequence-never-told',
      title: 'A stop sequence ends the reply, and neither `stop_reason` nor `stop_sequence` says so.',
      level: 'MUST',
      caughtBy: ['stop.sequence.reason'],
      alsoFails: because(NEEDS_STOP_SEQUENCE, 'stop.sequence.multichar'),
      alters: reportInstead('stop_sequence', 'end_turn', { stop_sequence: null }),
    },
    {
      id: 'stop-sequence-unnamed',
      title: '`stop_sequence` is null though a stop sequence ended the reply.',
      level: 'MUST',
      caughtBy: ['stop.sequence.value', 'stream.stop-sequence'],
      alters: reportInstead('stop_sequence', 'stop_sequence', { stop_sequence: null }),
    },
    {
      id: 'stop-sequence-trimmed',
      title: '`stop_sequence` reports the sequence trimmed and with an exclamation mark.',
      level: 'MUST',
      caughtBy: ['stop.sequence.value', 'stop.sequence.which', 'stream.stop-sequence'],
      alters: rewriteMessages((message) => ({
        ...message,
        stop_sequence: message.stop_sequence?.trim().concat('!') ?? null,
      })),
    },
    {
      id: 'stop-sequences-trimmed',
      title: 'Stop sequences lose the white space at their beginning and end.',
      level: 'MUST',
      caughtBy: ['stop.sequence.value', 'stop.sequence.which'],
      alters: rewritePrompt((request) =>
        request.stop_sequences
          ? { ...request, stop_sequences: request.stop_sequences.map((sequence) => sequence.trim()) }
          : request,
      ),
    },
    {
      id: 'last-stop-sequence-only',
      title: 'Only the last of several stop sequences is in force.',
      level: 'MUST',
      caughtBy: ['stop.sequence.which'],
      alsoFails: because('The text passes a sequence that is not in force.', 'stop.sequence.excluded'),
      alters: rewritePrompt((request) =>
        request.stop_sequences ? { ...request, stop_sequences: request.stop_sequences.slice(-1) } : request,
      ),
    },
    {
      id: 'stop-sequence-first-of-list',
      title: '`stop_sequence` reports the first sequence of the request, whichever one ended the reply.',
      level: 'MUST',
      caughtBy: ['stop.sequence.which'],
      alters: {
        message: (message, call) =>
          message.stop_sequence === null
            ? message
            : { ...message, stop_sequence: call.prompt?.stop_sequences?.[0] ?? null },
      },
    },
    {
      id: 'stop-sequence-in-text',
      title: 'The text ends with the stop sequence.',
      level: 'SHOULD',
      caughtBy: ['stop.sequence.excluded'],
      alsoFails: because(NEEDS_STOP_SEQUENCE, 'stop.sequence.multichar'),
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
      title: 'The text ends with the first characters of a stop sequence of several tokens.',
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
      id: 'streamed-truncation-as-end-turn',
      title: 'A stream that `max_tokens` truncated ends with end_turn; without streaming the stop reason is right.',
      level: 'MUST',
      caughtBy: ['stop.max-tokens'],
      alsoFails: because(TRUNCATION_HIDDEN, 'stream.tool.truncated', 'sdk.go.accumulate'),
      alters: rewriteEventsOf('message_delta', (event) =>
        event.delta.stop_reason === 'max_tokens'
          ? { ...event, delta: { ...event.delta, stop_reason: 'end_turn' } }
          : event,
      ),
    },
    {
      id: 'streamed-refusal-as-end-turn',
      title: 'A stream reports a refusal as `end_turn`; without streaming the stop reason is right.',
      level: 'MUST',
      caughtBy: ['stop.refusal.streamed'],
      alters: rewriteEventsOf('message_delta', (event) =>
        event.delta.stop_reason === 'refusal'
          ? { ...event, delta: { stop_reason: 'end_turn', stop_sequence: null } }
          : event,
      ),
    },
    {
      id: 'refusal-as-end-turn-without-stream',
      title: 'A reply without streaming reports a refusal as `end_turn`; in a stream the stop reason is right.',
      level: 'MUST',
      caughtBy: ['stop.refusal.streamed'],
      alters: rewriteJsonMessages((message) =>
        message.stop_reason === 'refusal' ? { ...without(message, 'stop_details'), stop_reason: 'end_turn' } : message,
      ),
    },
    {
      id: 'streamed-refusal-without-details',
      title: 'A stream reports a refusal without `stop_details`; without streaming they are there.',
      level: 'SHOULD',
      caughtBy: ['stop.refusal.streamed'],
      alters: rewriteEventsOf('message_delta', (event) => ({ ...event, delta: without(event.delta, 'stop_details') })),
    },
    {
      id: 'refusal-as-error',
      title: 'The server answers a prompt that a safety classifier declines with 400 and the code content_filter.',
      level: 'SHOULD',
      caughtBy: ['stop.refusal.http-200'],
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
