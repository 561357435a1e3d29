import type { Alterations, Call } from '../stages.js';
import type { MessageRequest, PromptRequest } from '../wire.js';
import { blocks, contents, errorAnswer, headers, isStream, rejectWhen, respondWith } from './alter.js';
import type { FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, because, NO_COUNT } from './reasons.js';

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

/** Real time, which a client needs to go away and a server to notice. */
const aMoment = (milliseconds = 50): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const agentFaults: FaultFamily = {
  name: 'agent',
  title: 'what coding agents load a server with',
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
      id: 'call-id-constant',
      title: 'Every call has the id of its tool.',
      level: 'MUST',
      reports: ['TU-14'],
      caughtBy: ['tu.id.pattern', 'agent.tool-loop.stream', 'stream.tool.parallel-blocks'],
      alters: blocks((block) => (block.type === 'tool_use' ? { ...block, id: `toolu_${block.name}` } : block)),
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
      alters: contents((block) =>
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
    {
      id: 'left-stream-blocks',
      title: 'After a stream that its client left the next request fails.',
      level: 'MAY',
      mutant: 'TO-c',
      reports: ['TO-09', 'TO-10', 'TO-11', 'TO-12', 'TO-13'],
      caughtBy: ['stream.disconnect'],
      sequential: true,
      alters: {
        async request(request, call) {
          const { notes } = call.state;
          if (notes.get('stream') === 'running') await aMoment();
          if (notes.get('stream') !== 'left') return request;
          notes.delete('stream');
          return errorAnswer(500, 'api_error', 'Internal server error');
        },
        async *bytes(frames, call) {
          const { notes } = call.state;
          notes.set('stream', 'running');
          try {
            for await (const frame of frames) {
              yield frame;
              await aMoment(2);
            }
            notes.delete('stream');
          } finally {
            if (notes.has('stream')) notes.set('stream', 'left');
          }
        },
      },
    },
    {
      id: 'stream-unchunked',
      title: 'A stream ends with its connection, and nothing tells how long it is.',
      level: 'SHOULD',
      caughtBy: ['stream.http.chunked'],
      socket: 'a body is chunked or not on a connection alone',
      alters: headers((response) =>
        isStream(response) ? { 'transfer-encoding': 'identity', connection: 'close' } : null,
      ),
    },
    {
      id: 'count-asks-and-breaks',
      title: 'The request of coding agents for a count is answered with 500.',
      level: 'SHOULD',
      caughtBy: ['count.absent-clean'],
      alsoFails: because(NO_COUNT, 'count.basic', 'count.system-tools', 'count.matches-usage', 'count.image'),
      alters: respondWith(/count_tokens$/, () => errorAnswer(500, 'api_error', 'Internal server error')),
    },
    {
      id: 'go-fragments-on-start',
      title: 'The input in content_block_start is written with a blank, on which the Go client builds.',
      level: 'SHOULD',
      caughtBy: ['sdk.go.accumulate'],
      alsoFails: because(
        'The blank is what this requirement looks for on behalf of the Go client.',
        'stream.tool.start',
      ),
      alters: {
        frames: (frames) => frames.map((frame) => frame.replace('"input":{}', '"input":{ }')),
      },
    },
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
  ],
};
