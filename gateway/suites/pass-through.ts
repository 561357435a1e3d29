import { get, type Json } from '../../core/json.js';
import type { Requirement, Suite } from '../../core/requirement.js';
import { answers } from '../judging/answers.js';
import { failures } from '../judging/failures.js';
import type { RequestPair } from '../judging/pairs.js';
import {
  type Picks,
  pinged,
  sameBlocks,
  sameError,
  sameEvents,
  sameFields,
  sameHeaders,
  sameInRequest,
  sameMessage,
  sameRequest,
  sameStart,
  unknownEvents,
} from '../judging/pass-through.js';
import { arrives } from '../judging/requests.js';
import { requirementsBy } from '../judging/requirement.js';
import type { Fault } from '../judging/texts.js';

const last = (path: readonly string[]): string => path.at(-1)!;

/** Fields with one of these names, wherever they stand. */
const named =
  (...names: string[]): Picks =>
  (path) =>
    names.includes(last(path));

/** The same at the top of the request. */
const atTop =
  (...names: string[]): Picks =>
  (path) =>
    path.length === 1 && names.includes(path[0]!);

/** Blocks of these types. */
const typed =
  (types: RegExp): Picks =>
  (path, value) =>
    path[0] === 'messages' && types.test(String(get(value, 'type')));

const DOCUMENTS = typed(/^(?:document|search_result)$/);
const THINKING = /^(?:redacted_)?thinking$/;
const SERVER_TOOLS = /^(?:server_tool_use|web_search_tool_result)$/;

/** Fields of tools beside those that every tool has. */
const toolFields: Picks = (path) =>
  path[0] === 'tools' &&
  path.length === 3 &&
  !['type', 'name', 'description', 'input_schema', 'cache_control'].includes(path[2]!);

/** Tools that run on the server, and what they did in the history. */
const serverTools: Picks = (path, value) =>
  (path[0] === 'tools' && path.length === 2 && get(value, 'input_schema') === undefined) ||
  typed(SERVER_TOOLS)(path, value);

const valuesOf = (headers: Readonly<Record<string, string>>, name: string): string[] =>
  (headers[name] ?? '').split(',').flatMap((value) => value.trim() || []);

/** Every value of a header that the client sent is there. The gateway may add values of its own. */
const sameHeader =
  (name: string) =>
  ({ exchange, call }: RequestPair): Fault | null => {
    const got = valuesOf(call.request.headers, name);
    const lost = valuesOf(exchange.request.headers, name).filter((value) => !got.includes(value));
    return lost.length === 0
      ? null
      : {
          message: `\`${name}\` loses values on its way to the upstream.`,
          expected: lost.join(', '),
          actual: got.join(', ') || 'no such header',
        };
  };

function sameQuery({ exchange, call }: RequestPair): Fault | null {
  const parameters = (url: string): string[] => [...new URL(url).searchParams].map((pair) => pair.join('=')).sort();
  const expected = parameters(exchange.request.url).join('&');
  const actual = parameters(call.request.url).join('&');
  return expected === actual
    ? null
    : { message: 'The query is lost on its way to the upstream.', expected, actual: actual || 'no query' };
}

const hasCitations = (block: Json): boolean => get(block, 'citations') !== undefined;

const request = requirementsBy(arrives, { profile: 'agent', source: ['D:ref', 'CC'] });
const answer = requirementsBy(answers, { profile: 'agent', source: ['D:ref', 'CC'] });

/** Requests that are compared whole. */
const WHOLE = [
  'pass-everything',
  'pass-thinking',
  'pass-cache-control',
  'pass-server-tools',
  'pass-documents',
  'pass-tool-fields',
  'pass-settings',
  'tool-result',
  'tool-result-documents',
  'tool-result-picture',
];

/** Answers that are compared whole. */
const WHOLE_ANSWERS = [
  'plain',
  'pass-answer-fields',
  'pass-answer-thinking',
  'pass-answer-server-tools',
  'pass-answer-citations',
  'pass-answer-refusal',
  'pass-usage',
  'answer-call-types',
  'answer-extras',
];

const limitsPassed: Requirement = {
  id: 'gw.pass.answer.limits',
  level: 'SHOULD',
  profile: 'agent',
  statement: 'The rate limit headers of the upstream reach the client, with an answer and with an error.',
  source: ['D:limits'],
  fixtures: ['plain', 'error-rate-limit'],
  judge: sameHeaders('anthropic-ratelimit-'),
};

const errorsPassed: Requirement = {
  id: 'gw.pass.errors',
  level: 'SHOULD',
  profile: 'errors',
  statement:
    'An error of the upstream reaches the client with its status, its type and its message, in mid-stream too.',
  source: ['D:errors'],
  fixtures: [
    'error-invalid',
    'error-context-length',
    'error-permission',
    'error-not-found',
    'error-too-large',
    'error-rate-limit',
    'error-server',
    'error-unavailable',
    'error-gateway-timeout',
    'error-overloaded',
    'cut-error',
    'cut-error-rate-limit',
    'cut-error-first',
  ],
  judge: failures(sameError),
  onIncomplete: true,
};

export const passThrough: Suite = {
  name: 'gateway-pass-through',
  title: 'what a transparent gateway passes on, where its upstream speaks the Messages API too',
  requirements: [
    request(
      'gw.pass.body',
      WHOLE,
      'Every field of a request reaches the upstream as it is; only `model` may get another name.',
      sameRequest,
      { profile: 'core' },
    ),
    request(
      'gw.pass.unknown-fields',
      ['pass-unknown-fields'],
      'Fields that the gateway does not know reach the upstream: of the request, of a block, of a tool.',
      sameInRequest((path) => last(path).startsWith('x_future')),
    ),
    request(
      'gw.pass.betas',
      ['pass-betas'],
      'All values of `anthropic-beta` reach the upstream, known ones and others.',
      sameHeader('anthropic-beta'),
    ),
    request(
      'gw.pass.version',
      ['pass-version'],
      '`anthropic-version` reaches the upstream as the client sent it.',
      sameHeader('anthropic-version'),
      { profile: 'core' },
    ),
    request(
      'gw.pass.headers',
      ['pass-headers'],
      'Further `anthropic-*` headers of the client reach the upstream.',
      sameHeader('anthropic-user-profile-id'),
      { level: 'SHOULD' },
    ),
    request('gw.pass.query', ['query-beta'], 'The query of a request reaches the upstream.', sameQuery, {
      level: 'SHOULD',
    }),
    request(
      'gw.pass.thinking',
      ['pass-thinking'],
      '`thinking` blocks of the history reach the upstream with their signatures, `redacted_thinking` blocks with their data.',
      sameInRequest(typed(THINKING)),
      { source: ['D:ttools', 'CC'] },
    ),
    request(
      'gw.pass.thinking.settings',
      ['pass-thinking', 'pass-effort'],
      '`thinking` and `output_config` reach the upstream unchanged.',
      sameInRequest(atTop('thinking', 'output_config')),
      { profile: 'thinking', source: ['D:ethink', 'D:effort'] },
    ),
    request(
      'gw.pass.cache-control',
      ['pass-cache-control', 'pass-documents', 'pass-settings', 'pass-thinking'],
      'Every `cache_control` reaches the upstream at its place, with its `ttl`; without it each request is paid in full.',
      sameInRequest(named('cache_control')),
      { profile: 'caching', source: ['D:cache', 'CC'] },
    ),
    request(
      'gw.pass.server-tools',
      ['pass-server-tools'],
      'Tools that run on the server reach the upstream with all their settings, and so do their calls, their results and the citations of these in the history.',
      sameInRequest((path, value) => serverTools(path, value) || named('citations')(path, value)),
      { profile: 'tools', source: ['D:server'] },
    ),
    request(
      'gw.pass.documents',
      ['pass-documents', 'tool-result-documents'],
      'Documents and search results reach the upstream with source, title, context and `citations`, also in a tool result, and so do the citations of earlier answers.',
      sameInRequest((path, value) => DOCUMENTS(path, value) || named('citations')(path, value)),
      { profile: 'documents', source: ['D:cite', 'D:search', 'D:pdf'] },
    ),
    request(
      'gw.pass.tool-fields',
      ['pass-tool-fields'],
      'All fields of a tool reach the upstream: `strict`, `eager_input_streaming`, `defer_loading`, `input_examples`.',
      sameInRequest(toolFields),
      { source: ['D:define', 'D:fgts', 'CC:sent'] },
    ),
    request(
      'gw.pass.settings',
      ['pass-settings'],
      '`service_tier`, `metadata`, `inference_geo` and `context_management` reach the upstream unchanged.',
      sameInRequest(atTop('service_tier', 'metadata', 'inference_geo', 'context_management')),
      { source: ['D:ref', 'D:tier', 'CC:sent'] },
    ),
    answer(
      'gw.pass.answer',
      WHOLE_ANSWERS,
      'An answer reaches the client with every block and every field, known or not; only `id`, the ids of tool calls and `model` may differ.',
      sameMessage,
      { profile: 'core' },
    ),
    answer(
      'gw.pass.answer.usage',
      ['pass-usage'],
      'The whole `usage` of the upstream reaches the client: both cache counts, their split by `ttl`, tier and server tools. `message_start` of a stream has the input tokens already.',
      (pair) => sameFields('usage')(pair) ?? sameStart(pair),
      { profile: 'caching', source: ['D:cache', 'D:tier'] },
    ),
    answer(
      'gw.pass.answer.thinking',
      ['pass-answer-thinking'],
      'Thinking reaches the client with its signature, and redacted thinking with its data; the next request needs both.',
      sameBlocks((block) => THINKING.test(String(get(block, 'type')))),
      { profile: 'thinking', source: ['D:ttools', 'D:stream'] },
    ),
    answer(
      'gw.pass.answer.server-tools',
      ['pass-answer-server-tools'],
      'Calls of server tools and their results reach the client.',
      sameBlocks((block) => SERVER_TOOLS.test(String(get(block, 'type')))),
      { profile: 'tools', source: ['D:server'] },
    ),
    answer(
      'gw.pass.answer.citations',
      ['pass-answer-citations'],
      'Citations reach the client, at their texts.',
      sameBlocks(hasCitations),
      { profile: 'documents', source: ['D:cite', 'D:stream'] },
    ),
    answer(
      'gw.pass.answer.stop',
      ['pass-answer-sequence', 'pass-answer-refusal'],
      '`stop_reason`, `stop_sequence` and `stop_details` reach the client as the upstream sent them.',
      sameFields('stop_reason', 'stop_sequence', 'stop_details'),
      { profile: 'core', source: ['D:stop', 'D:refusal'] },
    ),
    limitsPassed,
    answer(
      'gw.pass.stream.events',
      ['plain', 'answer-calls', 'pass-answer-thinking'],
      'A stream has the events of the upstream in their order; deltas may be joined or split, and pings be added.',
      sameEvents,
      { profile: 'core', source: ['D:stream'] },
    ),
    answer('gw.pass.stream.pings', ['pass-pings'], 'Pings of the upstream reach the client.', pinged, {
      level: 'SHOULD',
      source: ['D:stream'],
    }),
    answer(
      'gw.pass.stream.unknown-events',
      ['pass-unknown-event'],
      'An event with an unknown type reaches the client with all its fields; new types may come at any time.',
      unknownEvents,
      { level: 'SHOULD', source: ['D:stream'] },
    ),
    errorsPassed,
  ].map((requirement): Requirement => ({ ...requirement, speaks: ['messages'] })),
};
