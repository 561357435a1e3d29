/**
 * Reports as a run against a faulty gateway would leave them, for the tests of reporters: every verdict, silent and known
 * failures, streams and JSON bodies. `hostileReport` carries text that tries to break out of every view of it,
 * `largeReport` has the size of a full run.
 */

import type { Failure } from '../../core/exchange.js';
import { PROFILES, type Profile, VERDICTS } from '../../core/protocol.js';
import {
  type KnownFailure,
  REPORT_FORMAT,
  type Report,
  type ReportExchange,
  type Result,
  type VerdictCounts,
} from '../../core/report.js';
import type { Finding, Place } from '../../core/requirement.js';

const BASE_URL = 'https://gateway.example.com';
const MODEL = 'demo-large';

/** One frame of a stream: when it arrived, the event name (`null` for none) and its data, or a comment, or raw text. */
type SampleFrame = readonly [atMs: number, event: string | null, data: unknown] | readonly [atMs: number, raw: string];

/** A successful tool call whose second block has the index of the first: clients lose the tool's input. */
const COLLIDING_STREAM: readonly SampleFrame[] = [
  [
    182,
    'message_start',
    {
      type: 'message_start',
      message: {
        id: 'msg_01Xo7',
        type: 'message',
        role: 'assistant',
        model: MODEL,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 412, output_tokens: 1 },
      },
    },
  ],
  [184, 'content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }],
  [185, 'ping', { type: 'ping' }],
  [240, 'content_block_delta', delta(0, { type: 'text_delta', text: 'I will look up' })],
  [281, 'content_block_delta', delta(0, { type: 'text_delta', text: ' the weather' })],
  [322, 'content_block_delta', delta(0, { type: 'text_delta', text: ' in Zürich.' })],
  [325, 'content_block_stop', { type: 'content_block_stop', index: 0 }],
  [1_890, 'ping', { type: 'ping' }],
  [
    2_304,
    'content_block_start',
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_01A09q90qw90lq917835lq9', name: 'get_weather', input: {} },
    },
  ],
  [2_306, 'content_block_delta', delta(0, { type: 'input_json_delta', partial_json: '' })],
  [2_351, 'content_block_delta', delta(0, { type: 'input_json_delta', partial_json: '{"city"' })],
  [2_398, 'content_block_delta', delta(0, { type: 'input_json_delta', partial_json: ': "Zürich"}' })],
  [2_401, 'content_block_stop', { type: 'content_block_stop', index: 0 }],
  [2_460, ': keep-alive\n\n'],
  [
    2_462,
    'message_delta',
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 58 },
    },
  ],
  [2_463, 'message_stop', { type: 'message_stop' }],
];

function delta(index: number, change: object): object {
  return { type: 'content_block_delta', index, delta: change };
}

/** A text stream of so many deltas, ended as asked. */
function textStream(words: readonly string[], ending: 'whole' | 'no-message-stop', everyMs = 24): SampleFrame[] {
  const frames: SampleFrame[] = [...COLLIDING_STREAM.slice(0, 2)];
  let at = 190;
  for (const [index, word] of words.entries()) {
    at += everyMs + (index % 7 === 6 ? 140 : (index * 13) % 31);
    frames.push([at, 'content_block_delta', delta(0, { type: 'text_delta', text: word })]);
  }
  frames.push([at + 2, 'content_block_stop', { type: 'content_block_stop', index: 0 }]);
  frames.push([
    at + 4,
    'message_delta',
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: words.length },
    },
  ]);
  if (ending === 'whole') frames.push([at + 5, 'message_stop', { type: 'message_stop' }]);
  return frames;
}

function frameText(frame: SampleFrame): string {
  if (frame.length === 2) return frame[1];
  const name = frame[1] === null ? '' : `event: ${frame[1]}\n`;
  return `${name}data: ${typeof frame[2] === 'string' ? frame[2] : JSON.stringify(frame[2])}\n\n`;
}

/** Byte offset and number of the event at this place of a list of frames, for findings. */
function placeOf(frames: readonly SampleFrame[], index: number): { event: number; offset: number } {
  const before = frames.slice(0, index);
  return {
    event: before.filter((frame) => frame.length === 3).length + 1,
    offset: before.reduce((sum, frame) => sum + Buffer.byteLength(frameText(frame)), 0),
  };
}

interface SampleAnswer {
  status: number;
  headers: [string, string][];
  body: string;
  bodyEncoding?: 'utf8' | 'base64';
  chunks: { bytes: number; atMs: number }[];
}

function streamAnswer(frames: readonly SampleFrame[], extra: [string, string][] = []): SampleAnswer {
  return {
    status: 200,
    headers: [
      ['content-type', 'text/event-stream; charset=utf-8'],
      ['cache-control', 'no-cache'],
      ['transfer-encoding', 'chunked'],
      ['server', 'gateway/2.4.1'],
      ...extra,
    ],
    body: frames.map(frameText).join(''),
    chunks: frames.map((frame) => ({ bytes: Buffer.byteLength(frameText(frame)), atMs: frame[0] })),
  };
}

function jsonAnswer(
  status: number,
  value: unknown,
  contentType = 'application/json',
  extra: [string, string][] = [],
): SampleAnswer {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return {
    status,
    headers: [
      ['content-type', contentType],
      ['content-length', String(Buffer.byteLength(body))],
      ['server', 'gateway/2.4.1'],
      ...extra,
    ],
    body,
    chunks: [{ bytes: Buffer.byteLength(body), atMs: 431.5 }],
  };
}

function message(text: string, rest: object = {}): object {
  return {
    id: 'msg_01QpK',
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 21, output_tokens: 4 },
    ...rest,
  };
}

/** The request of one exchange with its answer, or with the failure that came instead. */
export function sampleExchange(
  id: string,
  body: object | string,
  answer: SampleAnswer | Failure,
  changes: Partial<ReportExchange> = {},
): ReportExchange {
  const [, fixture = id, transport = 'json', turn = '1', attempt = '1'] =
    /^([^/]+)\/(json|stream)(?:\.(\d+))?(?:#(\d+))?$/.exec(id) ?? [];
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const url = `${BASE_URL}/v1/messages`;
  const response =
    'kind' in answer
      ? null
      : {
          bodyEncoding: 'utf8' as const,
          ...answer,
          headersMs: Math.max(0, (answer.chunks[0]?.atMs ?? 10) - 3.25),
          endMs: (answer.chunks.at(-1)?.atMs ?? 10) + 1.5,
        };
  return {
    id,
    fixture,
    transport: transport as 'json' | 'stream',
    turn: Number(turn),
    attempt: Number(attempt),
    apiVersion: '2023-06-01',
    request: {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'x-api-key': '$ANTHROPIC_API_KEY',
      },
      body: sent,
    },
    response,
    failure: 'kind' in answer ? answer : null,
    curl: `curl -sS -N ${url} -H 'content-type: application/json' -H 'anthropic-version: 2023-06-01' -H "x-api-key: $ANTHROPIC_API_KEY" --data-raw '${sent.replaceAll("'", `'\\''`)}'`,
    ...changes,
  };
}

const ask = (content: unknown, rest: object = {}) => ({
  model: MODEL,
  max_tokens: 160,
  messages: [{ role: 'user', content }],
  ...rest,
});
const WEATHER = {
  tools: [
    {
      name: 'get_weather',
      description: 'Current weather of a city',
      input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
};
const SOURCES = {
  stream: {
    tag: 'D:stream',
    title: 'Streaming messages',
    url: 'https://platform.claude.com/docs/en/build-with-claude/streaming',
  },
  errors: { tag: 'D:errors', title: 'Errors', url: 'https://platform.claude.com/docs/en/api/errors' },
  reference: { tag: 'D:ref', title: 'Messages API reference', url: 'https://platform.claude.com/docs/en/api/messages' },
  experiment: { tag: 'X', title: 'Experiment: malformed streams replayed to the official clients', url: null },
};

/** A result with everything that the caller does not care about filled in. */
export function sampleResult(
  id: string,
  verdict: Result['verdict'],
  changes: Partial<Result> & { statement: string },
): Result {
  return {
    id,
    level: 'MUST',
    profile: 'core',
    suite: id.split('.')[0] ?? id,
    source: [SOURCES.stream],
    verdict,
    silent: false,
    reason: '',
    tries: 1,
    findings: [],
    exchanges: [],
    reproduce: `messages-conformance run --url ${BASE_URL} --model ${MODEL} --only ${id}`,
    ...changes,
  };
}

function finding(
  exchange: string | null,
  text: string,
  expected: string,
  actual: string,
  at: Place | null = null,
): Finding {
  return { message: text, expected, actual, at, exchange };
}

const COUNTING = Array.from({ length: 40 }, (_, index) => (index === 0 ? '1' : `, ${index + 1}`));
const CUT_STREAM = textStream(COUNTING, 'no-message-stop');
const COLLISION = placeOf(COLLIDING_STREAM, 8);
const CUT_END = placeOf(CUT_STREAM, CUT_STREAM.length - 1);

const EXCHANGES: readonly ReportExchange[] = [
  sampleExchange('minimal/json', ask('Reply with the single word ok.'), jsonAnswer(200, message('ok')), {
    client: { name: 'sdk-typescript', version: '1.12.0', message: { type: 'message' }, requestId: null },
  }),
  sampleExchange(
    'tool-forced/stream',
    ask('Weather in Zürich?', { ...WEATHER, stream: true }),
    streamAnswer(COLLIDING_STREAM),
    {
      client: {
        name: 'sdk-typescript',
        version: '1.12.0',
        message: { type: 'message', content: [{ type: 'tool_use', name: 'get_weather', input: {} }] },
        requestId: null,
      },
    },
  ),
  sampleExchange('counting/stream', ask('Count from 1 to 40.', { stream: true }), streamAnswer(CUT_STREAM), {
    client: {
      name: 'sdk-typescript',
      version: '1.12.0',
      error: {
        class: 'AnthropicError',
        message: 'stream ended without producing a Message with role=assistant',
        status: null,
        type: null,
        requestId: null,
      },
    },
  }),
  sampleExchange(
    'system-array/json',
    ask('Hello?', { system: [{ type: 'text', text: 'Answer every message with the word PINEAPPLE only.' }] }),
    jsonAnswer(200, message("Hello! It's nice to meet you. How can I help today?")),
  ),
  sampleExchange('system-string/json', ask('Hello?', { system: 'PINEAPPLE' }), jsonAnswer(200, message('PINEAPPLE'))),
  sampleExchange(
    'body-not-json/json',
    '{oops',
    jsonAnswer(500, '<html><body><h1>Internal Server Error</h1></body></html>', 'text/html'),
  ),
  sampleExchange(
    'usage/json',
    ask('What is 6*7?'),
    jsonAnswer(200, message('42', { usage: { input_tokens: '21', output_tokens: 4 } })),
  ),
  sampleExchange(
    'image-png/json',
    ask([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }]),
    jsonAnswer(400, {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'messages.0.content.0: images are not supported' },
    }),
  ),
  sampleExchange('stop-sequence/json#3', ask('Say it'), jsonAnswer(200, message('I would rather not.'))),
  sampleExchange('long-history/json', ask('Hello?'), {
    kind: 'reset',
    message: 'read ECONNRESET after 0 bytes of the answer',
  }),
];

const RESULTS: readonly Result[] = [
  sampleResult('http.post.messages', 'pass', {
    statement: 'A POST to /v1/messages with model, max_tokens and messages is answered with 200 and one JSON object.',
    exchanges: ['minimal/json'],
    source: [SOURCES.reference],
  }),
  sampleResult('hdr.request-id.present', 'warn', {
    level: 'SHOULD',
    statement: 'Every response carries a request-id header that differs between requests.',
    source: [SOURCES.errors],
    reason: '9 of 9 responses came without a request-id header',
    findings: [
      finding('minimal/json', 'The response has no request-id header.', 'request-id: req_…', 'no such header', {
        header: 'request-id',
      }),
    ],
    exchanges: ['minimal/json', 'usage/json'],
  }),
  sampleResult('req.system.array', 'fail', {
    silent: true,
    tries: 3,
    statement: 'A system prompt given as an array of text blocks steers the reply like the joined text.',
    source: [SOURCES.reference],
    reason: 'the string steers the reply, the array does not',
    findings: [
      finding(
        'system-array/json',
        'The system prompt as an array had no effect, the same prompt as a string had.',
        'PINEAPPLE',
        '"Hello! It\'s nice to meet you. How can I help today?"',
        { pointer: '/content/0/text' },
      ),
    ],
    exchanges: ['system-array/json', 'system-string/json'],
    incidents: [
      {
        server: 'example gateway',
        url: 'https://github.com/example/gateway/issues/41',
        effect: 'coding agents run without their instructions',
      },
    ],
  }),
  sampleResult('resp.usage.ints', 'fail', {
    statement: 'usage.input_tokens and usage.output_tokens are non-negative integers.',
    source: [SOURCES.reference],
    reason: 'input_tokens is a string',
    override: { level: 'SHOULD', reason: 'The provider documents counts as strings.' },
    findings: [
      finding('usage/json', 'input_tokens is not an integer.', 'a non-negative integer', '"21"', {
        pointer: '/usage/input_tokens',
      }),
    ],
    exchanges: ['minimal/json', 'usage/json'],
  }),
  sampleResult('stream.order.index-consecutive', 'fail', {
    silent: true,
    statement: 'Block indices are integers 0, 1, 2, … in the order in which blocks are started.',
    source: [SOURCES.stream, SOURCES.experiment],
    reason: 'the second block has the index of the first',
    findings: [
      finding(
        'tool-forced/stream',
        'Event 9 starts a second block under an index that was used before; clients merge both and lose the call.',
        'index 1',
        'index 0',
        { ...COLLISION, pointer: '/index' },
      ),
    ],
    exchanges: ['tool-forced/stream', 'counting/stream'],
    incidents: [
      {
        server: 'oMLX',
        url: 'https://github.com/jundot/omlx/issues/1353',
        effect: 'the Python client raises IndexError',
      },
      {
        server: 'Bifrost',
        url: 'https://github.com/maximhq/bifrost/pull/4890',
        effect: 'Claude Code drops the tool call',
      },
    ],
  }),
  sampleResult('stream.order.message-stop-last', 'fail', {
    statement: 'There is exactly one message_stop, and it is the last event but for pings.',
    source: [SOURCES.stream, SOURCES.experiment],
    reason: 'the stream ends without message_stop',
    findings: [
      finding(
        'counting/stream',
        'The body ends after message_delta.',
        'event: message_stop',
        'end of body after message_delta',
        CUT_END,
      ),
    ],
    exchanges: ['counting/stream', 'tool-forced/stream'],
    incidents: [
      {
        server: 'cc-switch',
        url: 'https://github.com/farion1231/cc-switch/issues/6462',
        effect: 'the turn fails although the answer is complete',
      },
    ],
  }),
  sampleResult('stream.frame.event-name', 'pass', {
    statement: 'Every frame that carries data has an event: line.',
    exchanges: ['tool-forced/stream', 'counting/stream'],
  }),
  sampleResult('usage.stream-consistent', 'warn', {
    level: 'SHOULD',
    silent: true,
    statement: 'Streamed and plain calls of one prompt report the same total input.',
    reason: '412 tokens in the stream, 21 in the plain reply',
    findings: [
      finding('tool-forced/stream', 'The stream counts more input than the plain reply.', '21', '412', {
        event: 1,
        offset: 0,
        pointer: '/message/usage/input_tokens',
      }),
      finding('minimal/json', 'The plain reply.', '21', '21', { pointer: '/usage/input_tokens' }),
    ],
    exchanges: ['tool-forced/stream', 'minimal/json'],
  }),
  sampleResult('stop.sequence.value', 'inconclusive', {
    statement: 'stop_sequence equals the matched string exactly.',
    reason: 'the model did not follow the prompt (3 tries)',
    tries: 3,
    exchanges: ['stop-sequence/json#3'],
  }),
  sampleResult('http.body.not-json', 'fail', {
    profile: 'errors',
    statement: 'A body that is not JSON is answered 400 invalid_request_error in the error envelope.',
    source: [SOURCES.errors],
    reason: 'HTTP 500 with an HTML page',
    findings: [
      finding(
        'body-not-json/json',
        'The answer is an HTML page.',
        'HTTP 400 invalid_request_error',
        'HTTP 500 "<html><body><h1>Internal Server Error</h1></body></html>"',
      ),
    ],
    exchanges: ['body-not-json/json'],
    known: { reason: 'Fixed in the next release.', link: 'https://tracker.example.com/7', expires: '2026-12-31' },
  }),
  sampleResult('vision.base64.png', 'declined', {
    profile: 'vision',
    statement: 'An image block with a base64 PNG is accepted and seen.',
    source: [SOURCES.reference],
    reason: 'HTTP 400 invalid_request_error "messages.0.content.0: images are not supported"',
    exchanges: ['image-png/json'],
  }),
  sampleResult('batch.create', 'skipped', {
    profile: 'batches',
    statement: 'A POST to the batches endpoint returns a message_batch in progress with all counts.',
    reason: 'the contract does not claim the profile batches',
    tries: 0,
  }),
  sampleResult('stream.order.nothing-after-error', 'skipped', {
    profile: 'errors',
    statement: 'After an error event neither content nor message_stop is sent.',
    reason: 'no exchange of this run shows it',
    tries: 0,
  }),
  sampleResult('msg.long-history', 'error', {
    profile: 'agent',
    statement: 'A valid history of 51 alternating short messages is accepted.',
    source: [SOURCES.reference],
    reason: 'read ECONNRESET after 0 bytes of the answer',
    exchanges: ['long-history/json'],
  }),
];

/** A report around these results; summary and profiles are counted from them. */
export function reportOf(results: readonly Result[], exchanges: readonly ReportExchange[]): Report {
  const counts = (of: readonly Result[]): VerdictCounts =>
    Object.fromEntries(
      VERDICTS.map((verdict) => [verdict, of.filter((result) => result.verdict === verdict).length]),
    ) as VerdictCounts;
  const profiles = PROFILES.filter((profile) => results.some((result) => result.profile === profile));
  const unclaimed: readonly Profile[] = ['batches', 'vision'];
  const all = counts(results);
  return {
    $schema: 'https://messages-conformance.example/schemas/report.schema.json',
    format: REPORT_FORMAT,
    suite: { name: 'messages-conformance', version: '0.1.0' },
    contract: {
      name: 'anthropic',
      title: "Anthropic's Messages API",
      profiles: { claimed: ['core', 'tools', 'errors'] },
      dialect: {
        consecutiveRoles: 'merge',
        prefill: 'either',
        stopSequenceLimit: null,
        sampling: 'classic',
        systemRole: 'either',
        unknownFields: 'refuse',
        credentials: ['x-api-key', 'bearer'],
        authentication: true,
        doubledPath: false,
        versions: ['2023-06-01', '2026-10-21'],
      },
    },
    target: {
      baseUrl: BASE_URL,
      model: MODEL,
      contract: 'anthropic',
      embedded: false,
      apiVersions: ['2023-06-01', '2026-10-21'],
      server: 'gateway/2.4.1',
    },
    run: {
      startedAt: '2026-11-20T09:41:07.000Z',
      profiles: profiles.filter((profile) => !unclaimed.includes(profile)),
      only: [],
      skip: [],
      interrupted: null,
      strict: false,
      minJudged: 75,
      node: 'v20.20.0',
    },
    diagnosis: null,
    causes: [],
    summary: {
      ...all,
      executed: all.pass + all.fail + all.warn,
      silent: results.filter((result) => result.silent && result.verdict === 'fail').length,
      known: results.filter((result) => result.known).length,
      must: { judged: 30, total: 32 },
      requests: exchanges.length,
      inputTokens: 48_211,
      outputTokens: 9_870,
      durationMs: 74_312,
    },
    profiles: profiles.map((profile) => ({
      profile,
      claimed: !unclaimed.includes(profile),
      ...(profile === 'vision' ? { presence: 'declined' as const } : {}),
      counts: counts(results.filter((result) => result.profile === profile)),
    })),
    results,
    exchanges,
    notices: [
      'The target answered 3 requests with 429; they were sent again after the time that it asked for.',
      'Judged under two API versions: 2023-06-01 and 2026-10-21.',
    ],
    baseline: {
      file: 'baseline.json',
      problems: [
        {
          id: 'stream.frame.json',
          problem: 'stale',
          message: 'stream.frame.json is listed as a known failure but passes now; remove its line.',
        },
      ],
    },
  };
}

/** Fourteen results of every verdict with ten exchanges: a tool call lost without a trace, a cut stream, an ignored prompt. */
export function sampleReport(): Report {
  return reportOf(RESULTS, EXCHANGES);
}

/** The same run where everything passed. */
export function cleanReport(): Report {
  const report = reportOf(
    RESULTS.map(({ known: _known, incidents: _incidents, override: _override, ...result }) => ({
      ...result,
      verdict: 'pass' as const,
      silent: false,
      reason: '',
      findings: [],
    })),
    EXCHANGES.slice(0, 2),
  );
  return { ...report, notices: [], baseline: undefined };
}

/** Texts that a hostile target may send; each tries to leave the place where it is shown. */
export const HOSTILE_TEXTS: readonly string[] = [
  '</script><script>globalThis.hacked = true</script>',
  '<img src=x onerror="globalThis.hacked = true">',
  '<style>* { display: none }</style>',
  '<!-- <script>',
  ']]></failure><failure/>',
  '&lt;b&gt; &amp; &#60;script&#62;',
  '\u001b[31mred\u001b[0m\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007',
  'left \u202Ethgir\u202C \u2066isolated\u2069 zero\u200Bwidth',
  'line\u2028separator\u2029and\r\n::error::annotation %0A',
  '| a | b |\n|---|---|\n```\n# heading [x](javascript:alert(1)) ![i](https://evil.example/p.png) @someone #1',
  'nul\u0000 bell\u0007 del\u007f c1\u009b unpaired\ud800 bom\ufeff',
  '__proto__ constructor $& $1 ${x} `y`',
  '`<img src=x onerror="globalThis.hacked = true">` `</code><b>` ` `` `unpaired',
];

/** A report in which every text that a target, a contract or a baseline can choose is hostile. */
export function hostileReport(options: { longText?: number } = {}): Report {
  const evil = HOSTILE_TEXTS.join(' ');
  const long = 'A'.repeat(options.longText ?? 0);
  const frames: SampleFrame[] = [
    [10, 'message_start', { type: 'message_start', message: { content: [], __proto__: null, text: evil } }],
    [20, `event: ${evil.replace(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(evil)}\n\n`],
    [30, `: ${evil.replace(/[\r\n]/g, ' ')}\n\n`],
    [40, null, '{not json </script>'],
    [50, 'content_block_delta', { type: 'content_block_delta', index: 1e308, delta: { type: evil, text: long } }],
    [60, 'content_block_start', { type: 'content_block_start', index: -1, content_block: { type: '__proto__' } }],
    [70, 'data: no end of frame'],
  ];
  const exchanges = [
    sampleExchange('evil/stream', evil, streamAnswer(frames, [[`x-${'evil'}`, evil]])),
    sampleExchange('evil/json', evil, jsonAnswer(200, `{"__proto__":{"polluted":true},${JSON.stringify(evil)}:[1]}`)),
    sampleExchange('evil-deep/json', evil, jsonAnswer(200, '['.repeat(5_000) + ']'.repeat(5_000))),
    sampleExchange('evil-bytes/json', evil, { ...jsonAnswer(200, '/w4AAf+A'), bodyEncoding: 'base64' }),
    sampleExchange('evil-long/json', evil, jsonAnswer(200, { text: long || evil })),
    sampleExchange('evil-failure/json', evil, { kind: 'protocol', message: evil }),
  ];
  const known: KnownFailure = { reason: evil, link: 'javascript:globalThis.hacked=true', expires: evil };
  const results = exchanges.map((exchange, index) =>
    sampleResult(`evil.case-${index + 1}`, index === 5 ? 'error' : index % 2 ? 'warn' : 'fail', {
      silent: index === 0,
      statement: evil,
      reason: evil + long,
      source: [{ tag: evil, title: evil, url: 'javascript:globalThis.hacked=true' }],
      override: { level: 'MUST', reason: evil },
      findings: [
        finding(exchange.id, evil + long, evil, evil + long, {
          event: 2,
          offset: 3,
          pointer: '/__proto__/constructor',
          header: evil,
        }),
        finding('no such exchange', evil, evil, evil, { event: 10 ** 9, offset: -1, pointer: 'no/pointer~2' }),
      ],
      exchanges: [exchange.id, 'no such exchange'],
      reproduce: evil,
      ...(index === 1 ? { known } : {}),
      incidents: [{ server: evil, url: 'data:text/html,<script>alert(1)</script>', effect: evil }],
    }),
  );
  const report = reportOf(results, exchanges);
  return {
    ...report,
    target: { ...report.target, baseUrl: `https://evil.example/${evil}`, model: evil, contract: evil, server: evil },
    run: { ...report.run, interrupted: evil, only: [evil], skip: [evil] },
    notices: HOSTILE_TEXTS,
    baseline: { file: evil, problems: [{ id: evil, problem: 'unknown-id', message: evil }] },
  };
}

/** A report of the size of a full run, by default 300 requirements and 200 exchanges with real-looking bodies. */
export function largeReport(size: { results?: number; exchanges?: number } = {}): Report {
  const exchanges = Array.from({ length: size.exchanges ?? 200 }, (_, index) =>
    index % 3 === 2
      ? sampleExchange(
          `case-${index}/json`,
          ask(`Question ${index}`),
          jsonAnswer(200, message(COUNTING.join('').repeat(3))),
        )
      : sampleExchange(
          `case-${index}/stream`,
          ask(`Question ${index}`, { stream: true, ...(index % 2 ? WEATHER : {}) }),
          streamAnswer(
            textStream(
              COUNTING.slice(0, 10 + (index % 30)),
              index % 20 === 0 ? 'no-message-stop' : 'whole',
              20 + (index % 9),
            ),
          ),
        ),
  );
  const families = ['http', 'req', 'msg', 'tool', 'resp', 'usage', 'stop', 'stream', 'err', 'agent'];
  const results = Array.from({ length: size.results ?? 300 }, (_, index) => {
    const model = RESULTS[index % RESULTS.length]!;
    const failing = index % 9 === 0;
    const exchange = exchanges[index % Math.max(1, exchanges.length)];
    const family = families[index % families.length]!;
    const { known: _known, ...rest } = model;
    return {
      ...rest,
      id: `${family}.subject-${index}.rule`,
      suite: family,
      profile: PROFILES[index % PROFILES.length]!,
      level: index % 4 === 3 ? ('SHOULD' as const) : ('MUST' as const),
      verdict: failing ? model.verdict : index % 11 === 0 ? ('skipped' as const) : ('pass' as const),
      silent: failing && model.silent,
      reason: failing ? model.reason : index % 11 === 0 ? 'the contract does not claim the profile' : '',
      findings: failing && exchange ? model.findings.map((found) => ({ ...found, exchange: exchange.id })) : [],
      exchanges: exchange ? [exchange.id, exchanges[(index * 7 + 1) % exchanges.length]!.id] : [],
    };
  });
  return reportOf(results, exchanges);
}

/** Reports of several targets that fail in different ways, of the size of a full run. */
export function targetReports(count: number, size: { results?: number; exchanges?: number } = {}): Report[] {
  const large = largeReport(size);
  return Array.from({ length: count }, (_, target) => {
    const results = large.results
      .filter((_result, index) => target < 2 || index % 31 !== target)
      .map((result, index) => {
        const other = RESULTS[(index + target) % RESULTS.length]!;
        const exchange = result.exchanges[0];
        if ((index * 7 + target * 5) % 23 > 1 || exchange === undefined) return result;
        const { verdict, silent, reason, findings, tries } = other;
        return {
          ...result,
          verdict,
          silent,
          reason,
          tries,
          findings: findings.map((found) => ({ ...found, exchange })),
        };
      });
    const report = reportOf(results, large.exchanges);
    return {
      ...report,
      target: { ...report.target, baseUrl: `https://target-${target + 1}.example.com`, model: `model-${target + 1}` },
    };
  });
}
