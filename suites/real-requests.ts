import type { Suite } from '../core/requirement.js';
import { bundled } from './judging/bundles.js';
import {
  ALL,
  ALONE,
  acceptedTogether,
  effectTogether,
  PARTS_OF_ALL,
  STOPPED,
  WORDS_TOGETHER,
} from './judging/combinations.js';
import { accepted } from './judging/judges.js';
import { keepsConnection } from './judging/kept-connections.js';
import { HEAVY, LONG_PARTS } from './judging/long-texts.js';
import { LONG_ECHO, longTextReturns, textArrives } from './judging/repeated-text.js';
import { acceptsBlankTexts, PLAIN } from './judging/replayed.js';
import { BUDGETED, thinksTogether } from './judging/thinking-combined.js';
import { REPEATED } from './judging/views.js';

/** The request that travels in several unusual ways at once. */
const OTHERWISE = 'sent-otherwise';

/** Requests with what real ones have and short examples lack: their text, their size, the way they travel, their combinations. */
export const realRequests: Suite = {
  name: 'real-requests',
  title: 'requests as real clients send them: text, size, transfer, combinations',
  requirements: [
    {
      id: 'http.text.unchanged',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server passes line breaks, tabs, quotes, backslashes and angle brackets to the model and back unchanged.',
      source: ['X', 'CC:sent'],
      fixtures: ['echo-layout'],
      judge: textArrives,
    },
    {
      // A gateway with a limit for the texts of one answer cuts what an agent writes, and says that it is done.
      id: 'resp.text.whole',
      level: 'MUST',
      profile: 'core',
      statement:
        'A reply arrives whole, also one of 1,800 characters, with `stream` and without it; one that is not complete has the `stop_reason` "max_tokens".',
      source: ['D:stop', 'D:stream'],
      fixtures: [LONG_ECHO, 'echo-layout', 'minimal'],
      judge: longTextReturns,
    },
    {
      id: 'http.text.control-characters',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server accepts control characters, such as the colour codes of terminals, in system prompts, tool descriptions, messages and tool results.',
      source: ['X', 'D:ref'],
      fixtures: [HEAVY, 'text-control'],
      judge: bundled([{ whole: HEAVY, part: 'text-control' }]),
    },
    {
      id: 'http.utf8.long',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server accepts texts of 2,000 three-byte characters in system prompts, tool descriptions, messages and tool results.',
      source: ['X', 'D:ref'],
      fixtures: [HEAVY, ...LONG_PARTS],
      judge: bundled(LONG_PARTS.map((part) => ({ whole: HEAVY, part }))),
    },
    {
      id: 'http.body.large',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'The server accepts a body of 2 MB, as sessions with pictures have it (documented limit: 32 MB).',
      source: ['D:errors', 'CC:sent'],
      fixtures: ['body-two-megabytes'],
      judge: accepted(),
    },
    {
      id: 'http.request.chunked',
      level: 'SHOULD',
      profile: 'core',
      statement: 'The server accepts a body with `transfer-encoding: chunked` (RFC 9112, 7.1).',
      source: ['W:http'],
      fixtures: [OTHERWISE, 'sent-chunked'],
      socket: 'there is no connection',
      judge: bundled([{ whole: OTHERWISE, part: 'sent-chunked' }]),
    },
    {
      id: 'http.request.expect',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The server accepts a request with `expect: 100-continue`, which clients send before large bodies (RFC 9110, 10.1.1).',
      source: ['W:http'],
      fixtures: [OTHERWISE, 'sent-expect'],
      socket: 'there is no connection',
      judge: bundled([{ whole: OTHERWISE, part: 'sent-expect' }]),
    },
    {
      id: 'http.request.header-case',
      level: 'MUST',
      profile: 'core',
      statement: 'The server reads header names in any case (RFC 9110, 5.1).',
      source: ['W:http'],
      fixtures: [OTHERWISE, 'sent-upper-case'],
      socket: 'there is no connection',
      judge: bundled([{ whole: OTHERWISE, part: 'sent-upper-case' }]),
    },
    {
      id: 'http.connection.reuse',
      level: 'MUST',
      profile: 'core',
      statement:
        'After a complete reply, streamed or not, the server answers the next request on the same connection, or closes it.',
      source: ['W:http'],
      fixtures: ['connection-after-invalid-key', 'minimal'],
      socket: 'there is no connection',
      judge: keepsConnection,
    },
    {
      id: 'resp.replayable',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The server accepts its reply as history as it came, or sends no empty text block, which agents would send back.',
      source: ['T:msg', 'CC'],
      fixtures: ['agent-tool-loop', 'tool-loop', PLAIN],
      judge: acceptsBlankTexts,
    },
    {
      id: 'req.combined.accepted',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server accepts thinking, tools, stop sequences, cache marks, structured output and later `system` messages in one stream, if it accepts each by itself.',
      source: ['D:ref', 'CC:sent'],
      fixtures: [ALL, ...PARTS_OF_ALL, ...ALONE, 'minimal'],
      judge: acceptedTogether,
    },
    {
      id: 'req.combined.effect',
      level: 'MUST',
      profile: 'agent',
      statement:
        'Structured output, stop sequences and system prompts have the effect beside thinking, tools, cache marks and later `system` messages that they have by themselves.',
      source: ['D:ref'],
      fixtures: [ALL, STOPPED, ...WORDS_TOGETHER, ...ALONE, ...REPEATED],
      judge: effectTogether,
    },
    {
      id: 'req.combined.thinking',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'A model that thinks with a budget also thinks in requests with tools and in streams; the server never drops `thinking` there.',
      source: ['D:ethink', 'D:ttools'],
      fixtures: [...BUDGETED],
      judge: thinksTogether,
    },
  ],
};
