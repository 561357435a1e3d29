import type { Message } from '../wire.js';
import { errorAnswer, messages, onRepetition, rewritePrompt, without } from './alter.js';
import type { FaultFamily } from './fault.js';
import { because, CUT_UNTOLD, EVERY_REASON, EVERY_SEQUENCE, STRUCK } from './reasons.js';

const FOREIGN: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  stop_sequence: 'stop',
};

/** Reports another stop reason where the reply ended for this one. */
const instead = (of: string, reported: unknown, more: object = {}) =>
  messages((message) => (message.stop_reason === of ? { ...message, stop_reason: reported, ...more } : message));

const textOf = (message: Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

export const stopReasonFaults: FaultFamily = {
  name: 'stop-reasons',
  title: 'why a reply ended, and stop sequences',
  faults: [
    {
      id: 'end-turn-with-call',
      title: 'A turn that holds a call ends with end_turn.',
      level: 'MUST',
      mutant: 'SR-a',
      reports: ['SR-01', 'SR-02', 'SR-03', 'SR-04'],
      caughtBy: ['tu.stop-reason', 'stream.tool.stop-reason'],
      alters: instead('tool_use', 'end_turn'),
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
      alters: instead('max_tokens', 'end_turn'),
    },
    {
      id: 'stop-reason-null',
      title: 'The stop reason of a finished reply is null.',
      level: 'MUST',
      mutant: 'SR-e',
      reports: ['SR-11', 'SR-12'],
      caughtBy: [
        'resp.stop-reason.enum',
        'stream.order.message-delta-present',
        'tu.stop-reason',
        'stop.max-tokens',
        'stop.sequence.reason',
        'stream.tool.truncated',
        'so.truncation',
      ],
      alsoFails: {
        ...because(
          EVERY_REASON,
          'tr.loop',
          'resp.stop-sequence.null',
          'stop.end-turn',
          'stop.sequence.multichar',
          'req.max-tokens.zero',
          'batch.results.types',
        ),
        ...because(CUT_UNTOLD, 'sdk.go.accumulate'),
      },
      alters: messages((message) => ({ ...message, stop_reason: null })),
    },
    {
      id: 'stop-reasons-of-chat-completions',
      title: 'The finish reasons stop, length and tool_calls are passed on.',
      level: 'MUST',
      mutant: 'SR-g',
      caughtBy: [
        'resp.stop-reason.enum',
        'stop.end-turn',
        'stop.max-tokens',
        'tu.stop-reason',
        'stop.sequence.reason',
        'stream.tool.truncated',
        'so.truncation',
      ],
      alsoFails: {
        ...because(
          EVERY_REASON,
          'tr.loop',
          'resp.stop-sequence.null',
          'stop.sequence.multichar',
          'stream.tool.stop-reason',
          'req.max-tokens.zero',
          'batch.results.types',
        ),
        ...because(CUT_UNTOLD, 'sdk.go.accumulate'),
      },
      alters: messages((message) => ({ ...message, stop_reason: FOREIGN[message.stop_reason ?? ''] ?? null })),
    },
    {
      id: 'tool-use-without-call',
      title: 'A turn without any call ends with tool_use.',
      level: 'MUST',
      mutant: 'SR-k',
      reports: ['SR-18', 'SR-19'],
      caughtBy: ['stop.end-turn'],
      alsoFails: because('The last turn of a tool loop is such a turn.', 'tr.loop'),
      alters: instead('end_turn', 'tool_use'),
    },
    {
      id: 'max-tokens-always',
      title: 'Every reply ends with max_tokens.',
      level: 'MUST',
      caughtBy: ['stop.end-turn'],
      alsoFails: because('Replies that came to their end say that they were cut.', 'usage.truncated.equals-limit'),
      alters: messages((message) => ({ ...message, stop_reason: 'max_tokens', stop_sequence: null })),
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
      id: 'stop-sequences-first-four',
      title: 'Only the first four stop sequences are in force.',
      level: 'MUST',
      caughtBy: ['req.stop-sequences.five', 'req.stop-sequences.six'],
      alters: rewritePrompt((request) => firstSequences(request, 4)),
    },
    {
      id: 'stop-sequences-first-five',
      title: 'Only the first five stop sequences are in force; a sixth is dropped in silence.',
      level: 'MAY',
      caughtBy: ['req.stop-sequences.six'],
      alters: rewritePrompt((request) => firstSequences(request, 5)),
    },
    {
      id: 'stop-sequences-refused',
      title: 'A request with stop sequences is refused.',
      level: 'MUST',
      mutant: 'RQ-ac',
      reports: ['RQ-76', 'RQ-77'],
      caughtBy: ['req.stop-sequences.five', 'stop.sequence.reason', 'req.stop-sequences.six'],
      alsoFails: because(EVERY_SEQUENCE, 'stop.sequence.multichar', 'stop.sequence.which'),
      alters: {
        objection: (request) =>
          request.stop_sequences?.length
            ? { refusal: 'invalid_request_error', message: 'stop_sequences: not supported' }
            : null,
      },
    },
    {
      id: 'stop-sequence-as-end-turn',
      title: 'A reply that a stop sequence ended has the stop reason end_turn.',
      level: 'MUST',
      caughtBy: ['stop.sequence.reason'],
      alsoFails: because(EVERY_SEQUENCE, 'resp.stop-sequence.null', 'stop.sequence.multichar', 'stream.stop-sequence'),
      alters: instead('stop_sequence', 'end_turn'),
    },
    {
      id: 'stop-sequence-unnamed',
      title: 'stop_sequence is null though one ended the reply.',
      level: 'MUST',
      caughtBy: ['stop.sequence.value', 'stream.stop-sequence'],
      alters: instead('stop_sequence', 'stop_sequence', { stop_sequence: null }),
    },
    {
      id: 'stop-sequence-trimmed',
      title: 'stop_sequence names the sequence in capitals, without its blanks.',
      level: 'MUST',
      caughtBy: ['stop.sequence.value', 'stop.sequence.which', 'stream.stop-sequence'],
      alters: messages((message) => ({ ...message, stop_sequence: message.stop_sequence?.trim().concat('!') ?? null })),
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
      alters: messages((message) => {
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
      alters: messages((message) => {
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
      id: 'empty-stop-sequences-stop',
      title: 'An empty list of stop sequences ends the reply at once.',
      level: 'MUST',
      caughtBy: ['req.stop-sequences.empty-array'],
      alters: {
        prompt(request, call) {
          if (request.stop_sequences?.length === 0) call.state.notes.set(call.requestId, true);
          return request;
        },
        reply: (reply, call) =>
          call.state.notes.has(call.requestId)
            ? { ...reply, blocks: [], stopReason: 'stop_sequence', stopSequence: '' }
            : reply,
      },
    },
    {
      id: 'refusal-as-error',
      title: 'A prompt that a safety classifier declines is answered with 400 and the code content_filter.',
      level: 'SHOULD',
      caughtBy: ['stop.refusal.http-200'],
      alsoFails: because(STRUCK, 'models.consistent'),
      alters: onRepetition(({ requestId }) => {
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
    {
      id: 'overflow-as-end-turn',
      title: 'A prompt beyond the context window is answered with an empty reply that ends with end_turn.',
      level: 'SHOULD',
      mutant: 'SR-i',
      reports: ['SR-15', 'SR-16'],
      caughtBy: ['msg.context-overflow'],
      alters: {
        request: (request) =>
          Number(request.headers.get('content-length')) > 2_000_000
            ? new Response(
                JSON.stringify({
                  id: 'msg_01Overflow',
                  type: 'message',
                  role: 'assistant',
                  model: 'reference-1',
                  content: [],
                  stop_reason: 'end_turn',
                  stop_sequence: null,
                  usage: { input_tokens: 200_000, output_tokens: 1 },
                }),
                { headers: { 'content-type': 'application/json' } },
              )
            : request,
      },
    },
    {
      id: 'overflow-cut',
      title: 'A prompt beyond the context window is cut in silence.',
      level: 'SHOULD',
      caughtBy: ['msg.context-overflow'],
      alters: {
        prompt: (request) => ({
          ...request,
          messages: request.messages.map((message) => ({
            ...message,
            content: typeof message.content === 'string' ? message.content.slice(-100_000) : message.content,
          })),
        }),
      },
    },
    {
      id: 'overflow-as-server-error',
      title: 'A prompt beyond the context window is answered with 500.',
      level: 'SHOULD',
      caughtBy: ['msg.context-overflow'],
      alters: {
        request: (request) =>
          Number(request.headers.get('content-length')) > 2_000_000
            ? errorAnswer(500, 'api_error', 'Internal server error')
            : request,
      },
    },
  ],
};

function firstSequences<Body extends object>(body: Body, count: number): Body {
  const { stop_sequences: sequences } = body as { stop_sequences?: unknown };
  return Array.isArray(sequences) ? { ...body, stop_sequences: sequences.slice(0, count) } : body;
}
