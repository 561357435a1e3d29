import { rewriteMessages } from '../alterations/messages.js';
import { crashWhen, rejectWhen, rewritePrompt, rewritePromptBlocks } from '../alterations/requests.js';
import { rewriteEvents } from '../alterations/stream.js';
import type { Alterations, Call } from '../stages.js';
import type { MessageRequest, PromptRequest } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, because } from './reasons.js';

const resultLength = ({ messages }: Pick<MessageRequest, 'messages'>): number =>
  messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type === 'tool_result')
    .reduce((sum, block) => sum + JSON.stringify(block).length, 0);

/** How many streams are open whose prompt asks to repeat a word: the parallel streams of the suite do. */
const running = (call: Call): number => (call.state.notes.get('running') as number | undefined) ?? 0;

const repeatsWords = ({ messages, stream }: PromptRequest & Partial<MessageRequest>): boolean =>
  stream === true && /\b([A-Z]+)( \1){5}/.test(JSON.stringify(messages));

/** Slows such streams down, so that they overlap, and counts them. */
const overlapping: Alterations = {
  async *bytes(frames, call) {
    if (!call.prompt || !repeatsWords(call.prompt)) return yield* frames;
    call.state.notes.set('running', running(call) + 1);
    try {
      for await (const frame of frames) {
        yield frame;
        await call.settings.sleep(5);
      }
    } finally {
      call.state.notes.set('running', running(call) - 1);
    }
  },
};

export const agentFaults: FaultFamily = {
  name: 'agent',
  title: 'what coding agents send',
  faults: [
    {
      id: 'max-tokens-lowered',
      title: 'The server silently lowers `max_tokens` to 200.',
      level: 'MUST',
      caughtBy: ['agent.max-tokens.not-lowered'],
      alters: rewritePrompt((request) => ({ ...request, max_tokens: Math.min(request.max_tokens, 200) })),
    },
    {
      id: 'max-tokens-at-most-400',
      title: 'The server silently lowers `max_tokens` to 400.',
      level: 'MUST',
      caughtBy: ['agent.max-tokens.not-lowered'],
      alters: rewritePrompt((request) => ({ ...request, max_tokens: Math.min(request.max_tokens, 400) })),
    },
    {
      id: 'two-dozen-tools-refused',
      title: 'The server rejects more than twenty tools.',
      level: 'MUST',
      caughtBy: ['agent.request.shape', 'tool.list.many'],
      alters: rejectWhen((request) => (request.tools?.length ?? 0) > 20 && 'tools: at most 20 tools are allowed'),
    },
    {
      id: 'context-edits-crash',
      title: 'A context edit causes a 500.',
      level: 'SHOULD',
      caughtBy: ['agent.context-management'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.clear-thinking'),
      alters: crashWhen((request) => request.context_management),
    },
    {
      id: 'thinking-edits-crash',
      title: 'A context edit of thinking causes a 500.',
      level: 'SHOULD',
      caughtBy: ['agent.context-management.thinking'],
      alsoFails: because('Coding agents send such an edit.', 'agent.clear-thinking'),
      alters: crashWhen((request) =>
        request.context_management?.edits?.some(({ type }) => type === 'clear_thinking_20251015'),
      ),
    },
    {
      id: 'cleared-thinking-uncounted',
      title: 'An applied context edit of thinking does not say how much it cleared.',
      level: 'SHOULD',
      caughtBy: ['agent.context-management.thinking'],
      alters: rewriteMessages((message) =>
        message.context_management
          ? { ...message, context_management: { applied_edits: [{ type: 'clear_thinking_20251015' }] } }
          : message,
      ),
    },
    {
      id: 'indices-go-on',
      title: 'The block indices of a reply continue those of the previous reply.',
      level: 'MUST',
      caughtBy: ['agent.tool-loop.stream', 'stream.order.index-consecutive', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alters: {
        events(events, call) {
          const before = call.prompt?.messages.filter(({ role }) => role === 'assistant').length ?? 0;
          return events.map((event) => ('index' in event ? { ...event, index: event.index + before } : event));
        },
      },
    },
    {
      id: 'text-before-streamed-calls-lost',
      title: 'A gateway drops the text of streams that call a tool.',
      level: 'SHOULD',
      caughtBy: ['agent.text-and-tool'],
      alters: rewriteEvents((events) => {
        const start = (type: string) =>
          events.find((event) => event.type === 'content_block_start' && event.content_block.type === type);
        const text = start('text');
        if (text?.type !== 'content_block_start' || start('tool_use') === undefined) return events;
        return events
          .filter((event) => !('index' in event) || event.index !== text.index)
          .map((event) =>
            'index' in event && event.index > text.index ? { ...event, index: event.index - 1 } : event,
          );
      }),
    },
    {
      id: 'call-shares-index-of-text',
      title: 'A call after text has the index of the text.',
      level: 'MUST',
      reports: ['EV-10'],
      caughtBy: ['agent.text-and-tool', 'stream.order.index-consecutive', 'sdk.go.accumulate'],
      alters: {
        events(events) {
          const text = events.some(
            (event) => event.type === 'content_block_start' && event.content_block.type === 'text',
          );
          const call = events.some(
            (event) => event.type === 'content_block_start' && event.content_block.type === 'tool_use',
          );
          return text && call ? events.map((event) => ('index' in event ? { ...event, index: 0 } : event)) : events;
        },
      },
    },
    {
      id: 'large-max-tokens-crash',
      title: 'A `max_tokens` above 8192 causes a 500, whatever the limit of the model.',
      level: 'MUST',
      caughtBy: ['agent.max-tokens.large'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.request.shape', 'agent.stream.again'),
      alters: crashWhen((request) => (request.max_tokens ?? 0) > 8192),
    },
    {
      id: 'second-stream-crash',
      title: 'A second stream at the same time causes a 500.',
      level: 'SHOULD',
      caughtBy: ['agent.parallel-requests'],
      alters: {
        ...overlapping,
        ...crashWhen((request, call) => repeatsWords(request) && running(call) > 0),
      },
    },
    {
      id: 'streams-mixed-up',
      title: 'Streams at the same time share state: text of one appears in the other.',
      level: 'MUST',
      mutant: 'CC-a',
      reports: ['CC-01'],
      caughtBy: ['agent.parallel.own-text'],
      alters: {
        ...overlapping,
        events(events, call) {
          const foreign = call.state.notes.get('words') as string | undefined;
          const own = events.map((event) => JSON.stringify(event)).find((event) => event.includes('text_delta'));
          if (own) call.state.notes.set('words', JSON.parse(own).delta.text);
          if (foreign === undefined || running(call) === 0) return events;
          return events.map((event) =>
            event.type === 'content_block_delta' && event.delta.type === 'text_delta'
              ? { ...event, delta: { ...event.delta, text: foreign } }
              : event,
          );
        },
      },
    },
    {
      id: 'hello-unanswered',
      title: 'The server never answers `HEAD /api/hello`.',
      level: 'MAY',
      caughtBy: ['agent.hello-probe'],
      alters: {
        request: (request, call) => (call.path === '/api/hello' ? new Promise<Response>(() => {}) : request),
      },
    },
    {
      id: 'large-results-refused',
      title: 'The server rejects tool results of more than 50 kB.',
      level: 'SHOULD',
      caughtBy: ['agent.tool-result.large'],
      alters: rejectWhen(
        (request) => resultLength(request) > 50_000 && 'messages.2.content.0: at most 50000 characters are allowed',
      ),
    },
    {
      id: 'large-results-cut',
      title: 'The model reads only the beginning of a large tool result.',
      level: 'SHOULD',
      caughtBy: ['agent.tool-result.large'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_result' && JSON.stringify(block.content ?? '').length > 50_000
          ? { ...block, content: JSON.stringify(block.content).slice(0, 1_000) }
          : block,
      ),
    },
    {
      id: 'first-byte-late',
      title: 'The first event of a stream comes after 90 seconds.',
      level: 'SHOULD',
      mutant: 'TO-a',
      reports: ['TO-01'],
      caughtBy: ['agent.first-byte'],
      sequential: true,
      alters: {
        async *bytes(frames, call) {
          await call.settings.sleep(90_000);
          yield* frames;
        },
      },
    },
  ],
};
