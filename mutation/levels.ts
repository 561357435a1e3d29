/**
 * What the most used clients make of a faulty stream or reply: the reason for the levels. The column of the TypeScript client is checked
 * by a test that runs it; the others were measured once, with the versions that `CLIENTS` names.
 */

import type { Level } from '../core/protocol.js';
import { FAULTS } from '../reference/faults/index.js';
import { CATALOGUE } from '../suites/index.js';

/** `ok`: as without the fault. `throws`: the client ends with an error. `wrong`: another result, and no error. `-`: not measured. */
export type Effect = 'ok' | 'throws' | 'wrong' | '-';

/** The clients, in the order of the columns. */
export const CLIENTS = [
  'TypeScript 1.14',
  'Python 2.14',
  'Go 1.84 (accumulates as 2.15)',
  'AI SDK 6.0 (@ai-sdk/anthropic 3.0.140)',
  'Claude Code 2.1.197',
] as const;

/** One fault of the reference endpoint and its effect in each client; `note` says what is lost. */
export interface ClientEffect {
  fault: string;
  effects: readonly [typescript: Effect, python: Effect, go: Effect, aiSdk: Effect, claudeCode: Effect];
  note: string;
}

const row = (fault: string, effects: ClientEffect['effects'], note: string): ClientEffect => ({ fault, effects, note });

export const CLIENT_EFFECTS: readonly ClientEffect[] = [
  row('message-stop-missing', ['throws', 'ok', 'ok', 'wrong', 'wrong'], 'usage is 0 or missing'),
  row('message-delta-missing', ['wrong', 'wrong', 'wrong', 'wrong', 'wrong'], 'no stop reason, no output tokens'),
  row('message-start-twice', ['throws', 'ok', 'ok', 'ok', 'ok'], 'the TypeScript client gives up'),
  row('index-always-zero', ['throws', 'wrong', 'throws', 'ok', 'ok'], 'one call has the input {}, and two throw'),
  row('index-from-one', ['wrong', 'throws', 'throws', 'ok', '-'], 'the text or the input of the call is empty'),
  row('index-skips', ['wrong', 'throws', 'throws', 'ok', '-'], 'the call has the input {}'),
  row(
    'block-stop-missing',
    ['wrong', 'ok', 'ok', 'wrong', 'throws'],
    'the AI SDK drops the call; TypeScript sends no contentBlock event',
  ),
  row('blocks-overlap', ['wrong', '-', '-', '-', '-'], 'the event contentBlock brings the last block twice'),
  row('tool-input-at-start', ['ok', 'ok', 'ok', 'ok', 'wrong'], 'the call has the input {}'),
  row('tool-input-at-start-and-after', ['ok', 'ok', 'wrong', 'wrong', 'ok'], 'the input is {} or invalid'),
  row('tool-fragment-as-object', ['throws', 'throws', 'ok', 'throws', 'wrong'], 'the input is lost'),
  row('start-without-usage', ['throws', 'throws', 'ok', 'throws', 'ok'], ''),
  row('message-delta-without-usage', ['throws', 'throws', 'wrong', 'throws', 'wrong'], 'output tokens are 0'),
  row('event-names-missing', ['throws', 'throws', 'wrong', 'ok', 'throws'], 'the message is empty'),
  row('data-without-type', ['throws', 'throws', 'wrong', 'throws', 'throws'], 'the message is empty'),
  row('done-event', ['throws', 'throws', 'throws', 'ok', 'ok'], ''),
  row('text-start-without-text', ['ok', 'throws', 'ok', 'throws', '-'], ''),
  row('input-as-string', ['wrong', 'wrong', 'wrong', 'wrong', '-'], 'the input is a string; not streamed'),
  row(
    'end-turn-with-call',
    ['wrong', 'wrong', 'wrong', 'wrong', 'ok'],
    'agents that follow the stop reason drop the call',
  ),
  row('usage-missing', ['wrong', 'wrong', 'wrong', 'throws', '-'], 'not streamed'),
  row('first-delta-swallowed', ['wrong', 'wrong', 'wrong', 'wrong', '-'], 'the beginning of the text is lost'),
  row('stream-cut', ['throws', 'wrong', 'wrong', 'wrong', 'throws'], 'half a message, stop reason null'),
];

/** Requirements of level MUST that catch a fault, apart from those about a client: the row is why they are a MUST. */
export function requirementsOf(fault: string): string[] {
  const caughtBy = FAULTS.find(({ id }) => id === fault)?.caughtBy ?? [];
  return caughtBy.filter((id) => levelOf(id) === 'MUST' && !/\bsdk\b/.test(id));
}

const levelOf = (id: string): Level | undefined => CATALOGUE.find((requirement) => requirement.id === id)?.level;

/** docs/levels.md. */
export function levelsPage(): string {
  const rows = CLIENT_EFFECTS.map(({ fault, effects, note }) => {
    const ids = requirementsOf(fault).map((id) => `\`${id}\``);
    return `| ${[ids.join(', '), `\`${fault}\``, ...effects, note].join(' | ')} |`;
  });
  return `# Levels

<!-- Written by tests/mutation/levels.test.ts from mutation/levels.ts: npx vitest run tests/mutation/levels.test.ts --update -->

A level follows what breaks in the most used clients.

- **MUST**: a client fails, or has a wrong result without an error. A silent loss is worse than an error.
- **SHOULD**: no official client can send such a request, or no client loses anything, and the documentation says otherwise.
- **MAY**: the documentation leaves it open.

Measured with the reference endpoint and one fault at a time (\`serve --fault ID\`). \`ok\`: as without the fault. \`throws\`: the client
ends with an error, or falls back to a request without a stream. \`wrong\`: another result, and no error. \`-\`: not measured. A test runs
the TypeScript client again; the other columns were measured in November 2026.

| requirement | fault | ${CLIENTS.join(' | ')} | what is lost |
|---|---|${CLIENTS.map(() => '---').join('|')}|---|
${rows.join('\n')}

SHOULD, although the documentation says 400, as nothing is lost: \`req.max-tokens.required\` and \`req.model.required\` (every official
client requires the field), \`req.messages.role-unknown\` where the message reaches the model under another role (a \`warn\`; a message that
is dropped is a \`fail\`), \`stream.thinking.signature-once\` where the block starts with its signature (a \`warn\`).
`;
}
