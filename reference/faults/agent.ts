import { rejectWhen, rewritePromptBlocks } from '../alterations/requests.js';
import type { Alterations, Call } from '../stages.js';
import type { MessageRequest, PromptRequest } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, because } from './reasons.js';

const resultLength = ({ messages }: Pick<MessageRequest, 'messages'>): number =>
  messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type === 'tool_result')
    .reduce((sum, block) => sum + JSON.stringify(block).length, 0);

/** How many streams run at this moment that were asked to repeat a word, as those are that the suite lets run together. */
const running = (call: Call): number => (call.state.notes.get('running') as number | undefined) ?? 0;

const repeatsWords = ({ messages, stream }: PromptRequest & Partial<MessageRequest>): boolean =>
  stream === true && /\b([A-Z]+)( \1){5}/.test(JSON.stringify(messages));

/** Lets such streams last, so that they overlap, and counts them. */
const overlapping: Alterations = {
  prompt(request, call) {
    if (repeatsWords(request)) call.state.notes.set(call.requestId, true);
    return request;
  },
  async *bytes(frames, call) {
    if (!call.state.notes.has(call.requestId)) return yield* frames;
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
      id: 'two-dozen-tools-refused',
      title: 'A request with more than twenty tools is refused.',
      level: 'MUST',
      caughtBy: ['agent.request.shape', 'tool.list.many'],
      alters: rejectWhen((request) => (request.tools?.length ?? 0) > 20 && 'tools: at most 20 tools are allowed'),
    },
    {
      id: 'context-edits-crash',
      title: 'An edit of the context makes the server fail.',
      level: 'SHOULD',
      caughtBy: ['agent.context-management'],
      alters: rejectWhen(
        (request) => request.context_management && { refusal: 'api_error', message: 'Internal server error' },
      ),
    },
    {
      id: 'indices-go-on',
      title: 'Blocks of a reply are numbered on from those of the reply before.',
      level: 'MUST',
      caughtBy: ['agent.tool-loop.stream', 'stream.order.index-consecutive', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alters: {
        prompt(request, call) {
          const rounds = request.messages.filter(({ role }) => role === 'assistant').length;
          call.state.notes.set(call.requestId, rounds);
          return request;
        },
        events(events, call) {
          const before = (call.state.notes.get(call.requestId) as number | undefined) ?? 0;
          return events.map((event) => ('index' in event ? { ...event, index: event.index + before } : event));
        },
      },
    },
    {
      id: 'call-shares-index-of-text',
      title: 'A call behind text has the index of the text.',
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
      title: 'A max_tokens above 8192 makes the server fail, whatever the model can give.',
      level: 'MUST',
      caughtBy: ['agent.max-tokens.large'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape'),
      alters: rejectWhen(
        (request) => (request.max_tokens ?? 0) > 8192 && { refusal: 'api_error', message: 'Internal server error' },
      ),
    },
    {
      id: 'second-stream-crash',
      title: 'A stream that is asked for while another one runs makes the server fail.',
      level: 'SHOULD',
      caughtBy: ['agent.parallel-requests'],
      alters: {
        ...overlapping,
        objection: (request, call) =>
          repeatsWords(request) && running(call) > 0
            ? { refusal: 'api_error', message: 'Internal server error' }
            : null,
      },
    },
    {
      id: 'streams-mixed-up',
      title: 'Streams that run at the same time share one state: text of one comes up in the other.',
      level: 'SHOULD',
      mutant: 'CC-a',
      reports: ['CC-01'],
      caughtBy: ['agent.parallel-requests'],
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
      title: 'A HEAD request for /api/hello is never answered.',
      level: 'MAY',
      caughtBy: ['agent.hello-probe'],
      alters: {
        request: (request, call) => (call.path === '/api/hello' ? new Promise<Response>(() => {}) : request),
      },
    },
    {
      id: 'large-results-refused',
      title: 'A tool result of more than 50 kB is refused.',
      level: 'SHOULD',
      caughtBy: ['agent.tool-result.large'],
      alters: rejectWhen(
        (request) => resultLength(request) > 50_000 && 'messages.2.content.0: at most 50000 characters are allowed',
      ),
    },
    {
      id: 'large-results-cut',
      title: 'Of a large tool result only the beginning is read.',
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
      title: 'The first event of a stream comes after a minute and a half.',
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
