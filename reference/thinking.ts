import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { toTurns } from './conversation.js';
import { invalid, type Rejection } from './errors.js';
import type { ThinkingSigner } from './message.js';
import type { ModelDescription } from './options.js';
import type { MessageRequest, PromptRequest } from './wire.js';

/** Not a secret: it only has to be the same in every process that may get the conversation again. */
const SIGNING_KEY = 'messages-conformance reference endpoint';
const SALT_BYTES = 16;
/**
 * Signatures of the API are messages of Protocol Buffers: field 2 holds field 1, which holds three numbers and, here, the 49 bytes that
 * count. A gateway may drop thinking whose signature does not read as one, as CLIProxyAPI does.
 */
const ENVELOPE = Buffer.from('123b0a390801100118022231', 'hex');

type SignedKind = 'shown' | 'omitted' | 'redacted';

function mac(kind: SignedKind, salt: Uint8Array, content: string): Buffer {
  return createHmac('sha256', SIGNING_KEY).update(kind).update(salt).update(content).digest();
}

function signature(kind: SignedKind, content: string): string {
  const salt = randomBytes(SALT_BYTES);
  return Buffer.concat([ENVELOPE, Buffer.from(kind[0]!), salt, mac(kind, salt, content)]).toString('base64');
}

function fits(kind: SignedKind, content: string, sealed: string): boolean {
  const whole = Buffer.from(sealed, 'base64');
  if (whole.toString('base64') !== sealed || !whole.subarray(0, ENVELOPE.length).equals(ENVELOPE)) return false;
  const bytes = whole.subarray(ENVELOPE.length);
  if (bytes.subarray(0, 1).toString() !== kind[0]) return false;
  const expected = mac(kind, bytes.subarray(1, 1 + SALT_BYTES), content);
  const given = bytes.subarray(1 + SALT_BYTES);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Signs thinking blocks. With `display: omitted` only the signature is sent. */
export function signerFor(request: MessageRequest): ThinkingSigner {
  const { thinking } = request;
  const omitted = thinking !== undefined && 'display' in thinking && thinking.display === 'omitted';
  return {
    thinking: (text) =>
      omitted
        ? { type: 'thinking', thinking: '', signature: signature('omitted', '') }
        : { type: 'thinking', thinking: text, signature: signature('shown', text) },
    redacted: () => ({ type: 'redacted_thinking', data: signature('redacted', '') }),
  };
}

/** Whether a request turns thinking on. */
export function thinks({ thinking }: PromptRequest): boolean {
  return thinking !== undefined && thinking !== null && thinking.type !== 'disabled';
}

/**
 * Thinking of the current turn has to come back unchanged; thinking of earlier turns is not checked.
 * Source: https://platform.claude.com/docs/en/build-with-claude/thinking-tool-workflows
 */
export function* replayReasons(request: PromptRequest): Iterable<Rejection> {
  if (!thinks(request)) return;
  const turns = toTurns(request.messages);
  const asked = turns.findLastIndex(
    (turn) => turn.role === 'user' && !turn.blocks.some((block) => block.type === 'tool_result'),
  );
  for (const turn of turns.slice(asked + 1)) {
    for (const [position, block] of turn.blocks.entries()) {
      const at = `messages.${turn.origins[position]}.content`;
      if (block.type === 'thinking') {
        const kind = block.thinking === '' ? 'omitted' : 'shown';
        if (!fits(kind, block.thinking, block.signature)) {
          yield invalid(
            `${at}: Invalid \`signature\` in \`thinking\` block: thinking blocks of the latest assistant turn cannot be modified`,
          );
        }
      } else if (block.type === 'redacted_thinking' && !fits('redacted', '', block.data)) {
        yield invalid(`${at}: Invalid \`data\` in \`redacted_thinking\` block: it cannot be modified`);
      }
    }
  }
}

/**
 * What thinking requires of the rest of a request.
 * Sources: https://platform.claude.com/docs/en/build-with-claude/extended-thinking and
 * https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting
 */
export function* thinkingReasons(
  request: MessageRequest,
  model: ModelDescription,
  { supported, interleaved }: { supported: boolean; interleaved: boolean },
): Iterable<Rejection> {
  const { thinking } = request;
  if (!thinking) return;
  if (thinking.type !== 'disabled' && !supported) yield invalid('thinking: this endpoint does not support thinking');
  if (model.thinking && !model.thinking.includes(thinking.type)) {
    yield invalid(
      `thinking.type: "${thinking.type}" is not supported by ${model.id}; expected ${model.thinking.join(' or ')}`,
    );
  }
  if (thinking.type === 'disabled') return;
  if (thinking.type === 'enabled') {
    const { budget_tokens: budget } = thinking;
    if (budget < 1024) yield invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
    if (budget >= request.max_tokens && !(interleaved && request.tools?.length)) {
      yield invalid('max_tokens: `max_tokens` must be greater than `thinking.budget_tokens`');
    }
    if (request.tool_choice?.type === 'any' || request.tool_choice?.type === 'tool') {
      yield invalid('tool_choice: Thinking may not be enabled when tool_choice forces tool use.');
    }
  }
  if (request.temperature !== undefined && request.temperature !== 1) {
    yield invalid('temperature: `temperature` may only be set to 1 when thinking is enabled');
  }
  if (request.top_k !== undefined) yield invalid('top_k: `top_k` must be unset when thinking is enabled');
  if (request.top_p !== undefined && request.top_p < 0.95) {
    yield invalid('top_p: `top_p` must be at least 0.95 or unset when thinking is enabled');
  }
}
