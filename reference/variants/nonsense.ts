import { isStream } from '../alterations/stream.js';
import { reject } from '../errors.js';
import type { DraftBlock } from '../model/draft.js';
import { DEFAULT_MODELS } from '../options.js';
import type { Alterations } from '../stages.js';
import type { MessageRequest, Tool } from '../wire.js';
import { randomFrom, seedOf } from './chance.js';
import type { VariantFamily } from './variant.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const MARKS = ['.', ',', '!', '?', ':', ';', '"', "'", '(', ')', '[', ']', '{', '}', '<', '>', '/', '\\', '\n', '`'];

/** Words, numbers and marks in any order; now and then one of `more`. */
function babble(random: () => number, more: readonly string[]): string {
  const any = <T>(all: ArrayLike<T>): T => all[Math.floor(random() * all.length)]!;
  const word = (): string => Array.from({ length: 1 + Math.floor(random() * 8) }, () => any(LETTERS)).join('');
  return Array.from({ length: Math.floor(random() * 120) }, () => {
    const kind = random();
    if (kind < 0.1) return any(MARKS);
    if (kind < 0.2) return String(Math.floor(random() * 100));
    return kind < 0.35 && more.length > 0 ? `${word()}${any(more)}${any(['', ' '])}` : ` ${word()}`;
  }).join('');
}

const isForced = ({ tool_choice, output_config, output_format }: MessageRequest): boolean =>
  tool_choice?.type === 'any' || tool_choice?.type === 'tool' || !!output_config?.format || !!output_format;

/** A call with random arguments of the declared types. */
function randomCall({ name, input_schema }: Tool, random: () => number): DraftBlock {
  const properties = (input_schema?.properties ?? {}) as Record<string, { type?: string }>;
  const value = (type = 'string') =>
    ({ integer: Math.floor(random() * 9), number: random(), boolean: random() < 0.5, array: [], object: {} })[type] ??
    babble(random, []).slice(0, 20);
  const input = Object.fromEntries(Object.entries(properties).map(([key, { type }]) => [key, value(type)]));
  return { type: 'tool_use', name, input: input as never };
}

/** The model writes at random. What the server enforces stays: forced calls and structured answers. */
const babbles = (more: readonly string[] = []): Alterations => ({
  draft(draft, call) {
    const request = call.prompt;
    if (!request || isForced(request)) {
      return {
        ...draft,
        blocks: draft.blocks.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking'),
      };
    }
    const random = randomFrom(seedOf(request, call));
    const words = babble(random, more);
    const tools = request.tool_choice?.type === 'none' ? [] : (request.tools ?? []).filter((tool) => tool.input_schema);
    const tool = random() < 0.2 ? tools[Math.floor(random() * tools.length)] : undefined;
    return {
      blocks: [
        ...(words.trim() === '' ? [] : [{ type: 'text' as const, text: words }]),
        ...(tool === undefined ? [] : [randomCall(tool, random)]),
      ],
    };
  },
});

/** A private character that stands for a byte which is no text, and its three bytes. */
const NO_TEXT = '\uE000';
const ITS_BYTES = [0xee, 0x80, 0x80];

function withInvalidBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const isMark = ITS_BYTES.every((byte, index) => bytes[at + index] === byte);
    found.push(isMark ? 0xff : bytes[at]!);
    if (isMark) at += ITS_BYTES.length - 1;
  }
  return Uint8Array.from(found);
}

async function* mapped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield withInvalidBytes(chunk);
}

/** Sends a byte that is no UTF-8 for each of these characters, streamed or not. */
const rawBytes: Alterations = {
  bytes: (frames) => mapped(frames),
  async response(response) {
    if (response.body === null || isStream(response)) return response;
    const bytes = withInvalidBytes(new Uint8Array(await response.arrayBuffer()));
    return new Response(bytes, { status: response.status, headers: response.headers });
  },
};

const UNPARSED = 'The model produced output that does not match the expected peg-native format';

/** Requests with tools, where the model may write a call, fail: as a 500, or as an error in the middle of the stream. */
const failsToParse: Alterations = {
  rejectValid: ({ tools, stream }) => (tools?.length && !stream ? reject('api_error', UNPARSED) : null),
  frames(frames, call) {
    if (!call.prompt?.tools?.length) return frames;
    const error = JSON.stringify({ type: 'error', error: { type: 'api_error', message: UNPARSED } });
    return [...frames.slice(0, 2), `event: error\ndata: ${error}\n\n`];
  },
};

const TINY = { models: [{ ...DEFAULT_MODELS[0]!, maxInputTokens: 2_000 }] };
const NEVER_THINKS = { 'think.accepted': 'the server may ignore `thinking`, or its model cannot think' };
const source = ['D:stop'];

export const nonsense: VariantFamily = {
  name: 'nonsense',
  title: 'models that write nonsense, on servers that do nothing wrong',
  variants: [
    {
      id: 'noise',
      title: 'The model writes random words, and calls tools at random.',
      source,
      alters: babbles(),
      warns: NEVER_THINKS,
    },
    {
      id: 'half-characters',
      title: 'The model of single bytes writes halves of characters, for which the server sends U+FFFD.',
      source,
      alters: babbles(['\uFFFD', '\uFFFD\uFFFD']),
      warns: NEVER_THINKS,
    },
    {
      id: 'invalid-bytes',
      title: 'The model of single bytes writes bytes that are no text, which the server passes on, streamed or not.',
      source,
      alters: { ...babbles([NO_TEXT]), ...rawBytes },
      warns: NEVER_THINKS,
    },
    {
      id: 'calls-that-do-not-parse',
      title: 'The model writes no call that parses: every request with tools fails with `api_error`.',
      source: ['https://github.com/ggml-org/llama.cpp/issues/27025', 'https://github.com/ollama/ollama/issues/17638'],
      alters: failsToParse,
      warns: { 'tu.unparsed': 'clients retry a 500, and the request is lost' },
    },
    {
      id: 'never-thinks',
      title: 'The server accepts `thinking`, and its model never thinks.',
      source: ['D:athink'],
      alters: {
        draft: (draft) => ({
          ...draft,
          blocks: draft.blocks.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking'),
        }),
      },
      warns: NEVER_THINKS,
    },
    {
      id: 'tiny-window',
      title: 'The model has a context window of 2,000 tokens: no long prompt fits.',
      source: ['D:ctx'],
      options: TINY,
    },
    {
      id: 'random-bytes',
      title: 'A random model of single bytes with a context window of 2,000 tokens.',
      source,
      options: TINY,
      alters: { ...babbles(['\uFFFD', NO_TEXT]), ...rawBytes },
      warns: NEVER_THINKS,
    },
  ],
};
