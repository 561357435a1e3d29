/** Builders for tests of requirements: legal replies and streams, exchanges that carry them, and the evidence around. */

import { resolve } from '../../core/evidence.js';
import type { Chunk, Exchange, Failure, ReceivedResponse, RecordedExchange, SentRequest } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { JsonObject } from '../../core/json.js';
import type { Transport } from '../../core/protocol.js';
import type { Claims, Copy, Evidence, Judgement, Requirement, SchemaViolation } from '../../core/requirement.js';
import { copiesIn } from '../../runner/judge/copies.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { readExchange } from '../../runner/read/read.js';
import { buildRequest } from '../../runner/send/requests.js';
import { violations } from '../../validation/index.js';
import type { SchemaName } from '../../validation/names.js';

export const MODEL = 'test-model';

let loaded: Map<string, Fixture> | undefined;
/** The package's fixtures, read once. */
export function fixtures(): Map<string, Fixture> {
  loaded ??= loadFixtures();
  return loaded;
}

// ------------------------------------------------------------------------------------------------------------- replies

let counter = 0;
const serial = (): number => ++counter;

/** A legal Message: one text block, end_turn. What is given replaces. */
export function message(parts: JsonObject = {}): JsonObject {
  return {
    id: `msg_${String(serial()).padStart(8, '0')}`,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [{ type: 'text', text: 'ok' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 14, output_tokens: 4 },
    ...parts,
  };
}

export const textBlock = (text: string): JsonObject => ({ type: 'text', text });
export const toolUse = (input: JsonObject = { city: 'Paris' }, parts: JsonObject = {}): JsonObject => ({
  type: 'tool_use',
  id: `toolu_${serial()}`,
  name: 'get_weather',
  input,
  ...parts,
});

/** The documented error envelope. */
export const errorBody = (type = 'invalid_request_error', text = 'max_tokens: Field required'): JsonObject => ({
  type: 'error',
  error: { type, message: text },
});

/** A legal event list that adds up to the message. Texts come in pieces of `piece` characters. */
export function events(reply: JsonObject, piece = 3): JsonObject[] {
  const { content, stop_reason, stop_sequence, stop_details, usage, ...head } = reply;
  const { output_tokens, ...input } = (usage ?? {}) as JsonObject;
  const start = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...input, output_tokens: 1 } };
  const details = stop_details === undefined ? {} : { stop_details };
  return [
    { type: 'message_start', message: start },
    ...(content as JsonObject[]).flatMap((block, index) => blockEvents(block, index, piece)),
    { type: 'message_delta', delta: { stop_reason, stop_sequence, ...details }, usage: { output_tokens } },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: JsonObject, index: number, piece: number): JsonObject[] {
  const { start, deltas } = streamed(block, piece);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function streamed(block: JsonObject, piece: number): { start: JsonObject; deltas: JsonObject[] } {
  switch (block.type) {
    case 'text': {
      const { citations, ...rest } = block;
      const cited = Array.isArray(citations) ? citations : [];
      return {
        start: { ...rest, text: '', ...(citations === undefined ? {} : { citations: citations === null ? null : [] }) },
        deltas: [
          ...cited.map((citation) => ({ type: 'citations_delta', citation })),
          ...pieces(String(block.text), piece).map((text) => ({ type: 'text_delta', text })),
        ],
      };
    }
    case 'thinking':
      return {
        start: { ...block, thinking: '', signature: '' },
        deltas: [
          ...pieces(String(block.thinking), piece).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block.signature },
        ],
      };
    case 'tool_use':
    case 'server_tool_use': {
      const json = Object.keys(block.input as JsonObject).length === 0 ? '' : JSON.stringify(block.input);
      return {
        start: { ...block, input: {} },
        deltas: ['', ...pieces(json, piece)].map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      };
    }
    default:
      return { start: block, deltas: [] };
  }
}

/** Pieces of at most so many characters; no character is split. */
function pieces(text: string, size: number): string[] {
  const characters = [...text];
  const cut: string[] = [];
  for (let at = 0; at < characters.length; at += size) cut.push(characters.slice(at, at + size).join(''));
  return cut;
}

/** The event list as the body of a stream. */
export const frames = (list: readonly JsonObject[]): string =>
  list
    .map(
      (event) =>
        `event: ${typeof event.type === 'object' ? JSON.stringify(event.type) : event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    )
    .join('');

// ----------------------------------------------------------------------------------------------------------- exchanges

export interface ExchangeParts {
  /** Default: `minimal`. Its request is built as a run builds it, unless `request.body` is given. */
  fixture?: string;
  /** Default: `stream` with `events` or `raw`, otherwise `json`. */
  transport?: Transport;
  turn?: number;
  attempt?: number;
  status?: number;
  /** Beside a fitting content-type. */
  headers?: Record<string, string>;
  /** The reply, one of: a JSON body, a list of events, the body as it is. Default: a legal message. */
  json?: unknown;
  events?: readonly JsonObject[];
  raw?: string | Uint8Array;
  /** Default: the whole body in one read after 20 ms. A number cuts it into reads of so many bytes, 10 ms apart. */
  chunks?: readonly Chunk[] | number;
  /** When the head had come; default: after 10 ms. */
  headersMs?: number;
  /** End of the body; default: 5 ms after the last chunk. */
  endMs?: number;
  /** When it was sent, after the first request of the run. */
  startedMs?: number;
  failure?: Failure | null;
  /** Nothing came back at all. */
  noResponse?: boolean;
  request?: { body?: unknown; method?: string; url?: string; headers?: Record<string, string> };
  client?: RecordedExchange['client'];
}

/** An exchange as a run records it, read. */
export const exchange = (parts: ExchangeParts = {}): Exchange => readExchange(recordedExchange(parts));

export function recordedExchange(parts: ExchangeParts = {}): RecordedExchange {
  const fixture = parts.fixture ?? 'minimal';
  const transport = parts.transport ?? (parts.events !== undefined || parts.raw !== undefined ? 'stream' : 'json');
  const turn = parts.turn ?? 1;
  const attempt = parts.attempt ?? 1;
  const request = requestOf(parts, fixture, transport, turn);
  return {
    id: `${fixture}/${transport}${turn > 1 ? `.${turn}` : ''}${attempt > 1 ? `#${attempt}` : ''}`,
    fixture,
    transport,
    turn,
    attempt,
    apiVersion: request.headers['anthropic-version'] ?? null,
    request,
    response: parts.noResponse ? null : responseOf(parts),
    failure: parts.failure ?? null,
    ...(parts.client === undefined ? {} : { client: parts.client }),
    ...(parts.startedMs === undefined ? {} : { startedMs: parts.startedMs }),
  };
}

/** Some are of a megabyte, and property tests send them hundreds of times. */
const requests = new Map<string, SentRequest>();

function requestOf(parts: ExchangeParts, id: string, transport: Transport, turn: number): SentRequest {
  const fixture = fixtures().get(id) ?? fixtures().get('minimal')!;
  const written = fixture.turns[turn - 1] ?? fixture.turns[0]!;
  const target = {
    baseUrl: 'http://target.test',
    apiKey: 'a-key-of-the-tests',
    apiKeyVariable: 'ANTHROPIC_API_KEY',
    model: MODEL,
    headers: {},
    credential: 'x-api-key' as const,
    apiVersion: '2023-06-01',
  };
  const key = `${fixture.id} ${turn} ${transport}`;
  const sent = requests.get(key) ?? built();
  requests.set(key, sent);
  const { body, ...rest } = parts.request ?? {};
  return { ...sent, ...rest, body: body === undefined ? sent.body : JSON.stringify(body) };

  function built(): SentRequest {
    try {
      return buildRequest(target, fixture, written, transport, []).sent;
    } catch {
      return { method: 'POST', url: 'http://target.test/v1/messages', headers: {}, body: null };
    }
  }
}

function responseOf(parts: ExchangeParts): ReceivedResponse {
  const isStream = parts.events !== undefined || parts.raw !== undefined;
  const content = parts.raw ?? (parts.events ? frames(parts.events) : JSON.stringify(parts.json ?? message()));
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const headers: Record<string, string> = isStream
    ? { 'content-type': 'text/event-stream; charset=utf-8', 'transfer-encoding': 'chunked' }
    : { 'content-type': 'application/json' };
  const chunks = chunksOf(bytes.length, parts.chunks);
  return {
    status: parts.status ?? 200,
    headers: Object.entries({ 'request-id': 'req_test', ...headers, ...parts.headers }),
    ...encoded(bytes),
    chunks,
    headersMs: parts.headersMs ?? 10,
    endMs: parts.endMs ?? (chunks.at(-1)?.atMs ?? 20) + 5,
  };
}

function encoded(bytes: Buffer): Pick<ReceivedResponse, 'body' | 'bodyEncoding'> {
  const body = bytes.toString('utf8');
  return Buffer.from(body).equals(bytes)
    ? { body, bodyEncoding: 'utf8' }
    : { body: bytes.toString('base64'), bodyEncoding: 'base64' };
}

function chunksOf(length: number, asked: ExchangeParts['chunks']): readonly Chunk[] {
  if (asked === undefined) return length === 0 ? [] : [{ bytes: length, atMs: 20 }];
  if (typeof asked !== 'number') return asked;
  return Array.from({ length: Math.ceil(length / asked) }, (_, index) => ({
    bytes: Math.min(asked, length - index * asked),
    atMs: 20 + index * 10,
  }));
}

// ------------------------------------------------------------------------------------------------------------ evidence

export interface Circumstances {
  /** Changes of the claims of the contract `anthropic`. */
  claims?: Partial<Omit<Claims, 'dialect'>> & { dialect?: Partial<Claims['dialect']> };
  /** Beside those of the package; needed for fixtures that exist in the test alone. */
  fixtures?: Iterable<Fixture>;
}

/** What a requirement says of these exchanges, as a run would put them before it. */
export function judgeWith(
  requirement: Requirement,
  exchanges: readonly Exchange[],
  circumstances: Circumstances = {},
): Judgement {
  return requirement.judge(evidence(requirement, exchanges, circumstances));
}

/** The tries of a run, three of each: then no prompt that was followed at once says how reliable the model is in prompts of its kind. */
export const thrice = (exchanges: readonly Exchange[]): Exchange[] =>
  [1, 2, 3].flatMap((attempt) => exchanges.map((one) => ({ ...one, attempt })));

/**
 * `judgeWith` for the requirements of one suite, by their ids, and the circumstances that its tests usually have. A `control` stands
 * beside exchanges that have none of its fixture.
 */
export const judgeOf =
  (suite: { requirements: readonly Requirement[] }, usual: Circumstances = {}, control?: Exchange) =>
  (id: string, exchanges: readonly Exchange[], circumstances: Circumstances = usual): Judgement => {
    const isControlled = control === undefined || exchanges.some(({ fixture }) => fixture === control.fixture);
    return judgeWith(requirementOf(suite, id), isControlled ? exchanges : [control, ...exchanges], circumstances);
  };

/** Of exchanges that many requirements judge, they are looked for once. */
const copiesFound = new WeakMap<readonly Exchange[], Copy[]>();

function copiesOf(exchanges: readonly Exchange[]): Copy[] {
  const found = copiesFound.get(exchanges) ?? copiesIn(exchanges);
  copiesFound.set(exchanges, found);
  return found;
}

export function evidence(
  requirement: Requirement,
  exchanges: readonly Exchange[],
  circumstances: Circumstances = {},
): Evidence {
  const extra = new Map([...(circumstances.fixtures ?? [])].map((fixture) => [fixture.id, fixture]));
  const of = (fixture: string, transport?: Transport) =>
    exchanges.filter((one) => one.fixture === fixture && (transport === undefined || one.transport === transport));
  return {
    own: requirement.fixtures.flatMap((id) => of(id)),
    all: exchanges,
    get copies() {
      return copiesOf(exchanges);
    },
    of,
    resolve: (asked, transport) => resolve(asked, of, transport),
    fixture: (id) => {
      const fixture = extra.get(id) ?? fixtures().get(id);
      if (fixture === undefined) throw new Error(`fixture "${id}" does not exist; hand it to judgeWith`);
      return fixture;
    },
    claims: claims(circumstances.claims),
    model: MODEL,
    violations: (schema, value): SchemaViolation[] => violations(schema as SchemaName, value),
  };
}

export function claims(changes: Circumstances['claims'] = {}): Claims {
  return {
    name: 'test',
    profiles: ['core', 'tools', 'errors'],
    ...changes,
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
      ...changes.dialect,
    },
  };
}

/** Throws unless every requirement says something about these exchanges. An `expect` for each would take most of the time. */
export function expectJudgements(requirements: readonly Requirement[], exchanges: readonly Exchange[]): void {
  for (const requirement of requirements) {
    const { outcome } = judgeWith(requirement, exchanges);
    if (typeof outcome !== 'string') throw new Error(`${requirement.id} says nothing: ${outcome}`);
  }
}

/** A requirement of a suite by its id; throws when there is none. */
export function requirementOf(suite: { requirements: readonly Requirement[] }, id: string): Requirement {
  const found = suite.requirements.find((requirement) => requirement.id === id);
  if (found === undefined) throw new Error(`the suite has no requirement ${id}`);
  return found;
}
