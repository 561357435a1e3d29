import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { rewriteBlocks, rewriteJsonMessages } from '../alterations/messages.js';
import { crashWhen, inStreams, rejectWhen, rewriteHistory, rewritePrompt } from '../alterations/requests.js';
import { errorAnswer } from '../alterations/responses.js';
import { rewriteEvents, rewriteStreamedText, toolIndexes } from '../alterations/stream.js';
import type { Alterations } from '../stages.js';
import type { MessageRequest, PromptRequest } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, REPLAY_REJECTED } from './reasons.js';

/** Changes the text of messages that are a string before the model reads it. */
const rewriteText = (change: (text: string) => string) =>
  rewriteHistory((all) =>
    all.map((message) =>
      typeof message.content === 'string' ? { ...message, content: change(message.content) } : message,
    ),
  );

const NO_SOCKET = 'there is no connection';

/** The texts of a request, wherever they stand. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

const textOf = ({ system, messages, tools }: PromptRequest & Partial<MessageRequest>): string =>
  JSON.stringify([system, messages, tools]);

const CUT = 4_096;
const LONGEST_TEXT = 1_000;

const half = <Block extends { text: string }>(block: Block): Block => ({
  ...block,
  text: block.text.slice(0, block.text.length / 2),
});

function isCutInsideCharacter(text: string): boolean {
  const bytes = Buffer.from(text);
  return bytes.length > CUT && (bytes[CUT]! & 0xc0) === 0x80;
}

/** Answers requests for messages before they are read; `null` lets them pass. */
const atRequest = (answer: (request: Request) => Response | null | Promise<Response | null>): Alterations => ({
  request: async (request, { method, path }) =>
    method === 'POST' && path === '/v1/messages' ? ((await answer(request)) ?? request) : request,
});

/** The server reads no header whose name looks like this. */
function unread({ rawHeaders, headers }: IncomingMessage, name: RegExp): void {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const found = rawHeaders[at]!;
    if (!name.test(found)) continue;
    rawHeaders[at] = `x-unread-${found.toLowerCase()}`;
    delete headers[found.toLowerCase()];
  }
}

/** Connections with a rejection, and how many requests they have served since. */
const SERVED = new WeakMap<Socket, number>();

export const realRequestsFaults: FaultFamily = {
  name: 'real-requests',
  title: 'the text, the size and the transfer of requests as real clients send them',
  faults: [
    {
      id: 'texts-cut',
      title: 'The server cuts texts after 1,000 characters and says that the turn ended.',
      level: 'MUST',
      caughtBy: ['resp.text.whole'],
      alters: rewriteBlocks((block) =>
        block.type === 'text' ? { ...block, text: block.text.slice(0, LONGEST_TEXT) } : block,
      ),
    },
    {
      id: 'long-text-cut-once',
      title: 'The first reply of more than 1,000 characters to a request has only half of them; the next one is whole.',
      level: 'MUST',
      caughtBy: ['resp.text.whole'],
      alters: rewriteJsonMessages((message, call) => {
        const { notes } = call.state;
        const key = `long ${JSON.stringify(call.prompt?.messages)}`;
        const isFirst = JSON.stringify(message.content).length > LONGEST_TEXT && !notes.has(key);
        if (!isFirst) return message;
        notes.set(key, true);
        return { ...message, content: message.content.map((block) => (block.type === 'text' ? half(block) : block)) };
      }),
    },
    {
      id: 'streamed-texts-cut',
      title: 'The text of a stream ends after 1,000 characters.',
      level: 'MUST',
      caughtBy: ['resp.text.whole'],
      alters: rewriteStreamedText((text) => text.slice(0, LONGEST_TEXT)),
    },
    {
      id: 'markup-stripped',
      title: 'A filter removes everything in angle brackets from messages.',
      level: 'MUST',
      caughtBy: ['http.text.unchanged'],
      alters: rewriteText((text) => text.replace(/<\/?\w+>/g, '')),
    },
    {
      id: 'texts-escaped-for-pages',
      title:
        'The texts of messages are escaped for HTML: ampersands, angle brackets and quotation marks reach the model as entities.',
      level: 'MUST',
      caughtBy: ['http.text.unchanged'],
      alters: rewriteText((text) =>
        text
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('"', '&quot;')
          .replaceAll("'", '&#x27;'),
      ),
    },
    {
      id: 'line-breaks-lost',
      title: 'The line breaks of messages reach the model as blanks.',
      level: 'MUST',
      caughtBy: ['http.text.unchanged'],
      alters: rewriteText((text) => text.replaceAll('\n', ' ')),
    },
    {
      id: 'backslashes-doubled',
      title: 'The server escapes the backslashes of messages twice.',
      level: 'MUST',
      caughtBy: ['http.text.unchanged'],
      alters: rewriteText((text) => text.replaceAll('\\', '\\\\')),
    },
    {
      id: 'control-characters-crash',
      title: 'A control character in a text causes a 500.',
      level: 'MUST',
      caughtBy: ['http.text.control-characters'],
      alters: crashWhen((request) => /\\u00(?:0[0-8b-f]|1|7f)/i.test(textOf(request))),
    },
    {
      id: 'cut-inside-character',
      title: 'The server cuts texts after 4,096 bytes and fails where that is inside a character.',
      level: 'MUST',
      reports: ['https://github.com/lbjlaq/Antigravity-Manager/issues/298'],
      caughtBy: ['http.utf8.long'],
      alters: crashWhen((request) => textsOf(request).some(isCutInsideCharacter)),
    },
    {
      id: 'bodies-above-a-megabyte-refused',
      title: 'A proxy rejects bodies of more than 1 MB, as it does unless it is told otherwise.',
      level: 'SHOULD',
      caughtBy: ['http.body.large'],
      alters: atRequest(async (request) =>
        (await request.clone().arrayBuffer()).byteLength > 1_048_576
          ? errorAnswer(413, 'request_too_large', 'Request Entity Too Large')
          : null,
      ),
    },
    {
      id: 'chunks-refused',
      title: 'The server rejects a body without `content-length`.',
      level: 'SHOULD',
      caughtBy: ['http.request.chunked'],
      socket: NO_SOCKET,
      alters: atRequest((request) =>
        request.headers.has('content-length') ? null : errorAnswer(411, 'invalid_request_error', 'Length Required'),
      ),
    },
    {
      id: 'expectation-refused',
      title: 'The server rejects `expect: 100-continue`.',
      level: 'SHOULD',
      caughtBy: ['http.request.expect'],
      socket: NO_SOCKET,
      alters: atRequest((request) =>
        request.headers.has('expect') ? errorAnswer(417, 'invalid_request_error', 'Expectation Failed') : null,
      ),
    },
    {
      id: 'header-names-read-literally',
      title: 'The server reads header names in lower case only.',
      level: 'MUST',
      caughtBy: ['http.request.header-case'],
      socket: NO_SOCKET,
      connection: (request) => unread(request, /^[A-Z-]+$/),
      alters: {},
    },
    {
      id: 'second-reply-on-connection-lost',
      title: 'After a rejection a connection serves one request, and loses the credential of each further one.',
      level: 'MUST',
      caughtBy: ['http.connection.reuse'],
      socket: NO_SOCKET,
      connection: (request, response) => {
        const served = SERVED.get(request.socket);
        if (served !== undefined && served > 0) unread(request, /^(x-api-key|authorization)$/i);
        response.once('finish', () => {
          if (served !== undefined) SERVED.set(request.socket, served + 1);
          else if (response.statusCode >= 400) SERVED.set(request.socket, 0);
        });
      },
      alters: {},
    },
    {
      id: 'empty-text-before-streamed-calls',
      title: 'An empty text block comes before each streamed call, and the server rejects it in the next request.',
      level: 'MUST',
      caughtBy: ['resp.replayable', 'agent.tool-loop.stream', 'sdk.replay-history'],
      alsoFails: because(REPLAY_REJECTED, 'think.replay'),
      alters: rewriteEvents((events) => {
        const at = events.findIndex((event) => event.type === 'content_block_start');
        if (toolIndexes(events).size === 0) return events;
        const later = events.map((event) => ('index' in event ? { ...event, index: event.index + 1 } : event));
        const start = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
        return [...later.slice(0, at), start, { type: 'content_block_stop', index: 0 }, ...later.slice(at)];
      }),
    },
    {
      id: 'thinking-with-format-refused',
      title: 'The server rejects thinking beside structured output; it accepts each by itself.',
      level: 'SHOULD',
      caughtBy: ['req.combined.accepted'],
      alters: rejectWhen(
        (request) =>
          request.thinking?.type === 'adaptive' &&
          Boolean(request.output_config?.format) &&
          'output_config.format: not available with thinking',
      ),
    },
    {
      id: 'format-dropped-beside-tools',
      title: 'The server ignores `output_config.format` in requests with tools.',
      level: 'MUST',
      caughtBy: ['req.combined.effect'],
      alters: rewritePrompt((request) =>
        request.tools?.length && request.output_config?.format ? { ...request, output_config: undefined } : request,
      ),
    },
    {
      id: 'stop-sequences-dropped-beside-tools',
      title: 'The server ignores `stop_sequences` in requests with tools.',
      level: 'MUST',
      caughtBy: ['req.combined.effect'],
      alters: rewritePrompt((request) => (request.tools?.length ? { ...request, stop_sequences: undefined } : request)),
    },
    {
      id: 'thinking-dropped-beside-tools',
      title: 'The server drops `thinking` from requests with tools.',
      level: 'MUST',
      caughtBy: ['req.combined.thinking'],
      alters: rewritePrompt((request) => (request.tools?.length ? { ...request, thinking: undefined } : request)),
    },
    {
      id: 'thinking-dropped-in-streams',
      title: 'The server drops `thinking` from requests for a stream.',
      level: 'MUST',
      caughtBy: ['req.combined.thinking'],
      alters: inStreams(rewritePrompt((request) => ({ ...request, thinking: undefined }))),
    },
    {
      id: 'system-dropped-beside-thinking',
      title: 'The server drops the `system` prompt of requests with thinking.',
      level: 'MUST',
      caughtBy: ['req.combined.effect'],
      alters: rewritePrompt((request) => (request.thinking ? { ...request, system: undefined } : request)),
    },
    {
      id: 'later-system-dropped-beside-tools',
      title: 'Later `system` messages do not reach the model in requests with tools.',
      level: 'MUST',
      caughtBy: ['req.combined.effect'],
      alters: rewritePrompt((request) =>
        request.tools?.length
          ? { ...request, messages: request.messages.filter(({ role }) => role !== 'system') }
          : request,
      ),
    },
  ],
};
