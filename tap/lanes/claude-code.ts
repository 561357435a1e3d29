/**
 * Claude Code, a session for each probe: a home and a working folder of its own, no key but the target's, telemetry and updates off, a
 * bounded number of turns. Its exit status hides that it sent a broken stream again as a plain request; the tap counts that.
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get, type Json } from '../../core/json.js';
import { blocks, totalInput } from '../../core/message.js';
import { packageFile } from '../../runner/package-files.js';
import { spawnLines } from './child.js';
import type { Lane } from './lanes.js';
import type { Ready } from './prepare.js';
import { type ClientMessage, type Outcome, type Probe, TASK } from './probes.js';

interface Session {
  probe: Probe;
  prompt: string;
  turns: number;
  /** Which tools it has, and may use without being asked. */
  arguments: readonly string[];
}

interface CodeTask {
  model: string;
  apiKey: string;
  headers: Readonly<Record<string, string>>;
  probes: readonly { name: Probe; url: string }[];
}

/** Longest time of one request of the client, in milliseconds. */
const REQUEST_MS = 30_000;

/** The native binary that comes with the package for this platform; `null` when none did. */
export function binaryIn(folder: string): string | null {
  const scope = join(folder, 'node_modules', '@anthropic-ai');
  const names = existsSync(scope) ? readdirSync(scope).filter((name) => name.startsWith('claude-code-')) : [];
  const files = names.flatMap((name) => [join(scope, name, 'claude'), join(scope, name, 'claude.exe')]);
  return files.find((file) => existsSync(file)) ?? null;
}

export async function codeOutput(
  lane: Lane,
  { command, cwd: parent }: Ready,
  { model, apiKey, headers, probes }: CodeTask,
  timeoutMs: number,
): Promise<{ lines: Outcome[]; trouble: string }> {
  const sessions = JSON.parse(readFileSync(packageFile('clients', lane.id, lane.probe), 'utf8')) as Session[];
  const lines: Outcome[] = [];
  let trouble = '';
  const ends = Date.now() + timeoutMs;
  for (const session of sessions) {
    const url = probes.find(({ name }) => name === session.probe)?.url;
    if (url === undefined) continue;
    const folder = mkdtempSync(join(parent, 'session-'));
    try {
      const home = join(folder, 'home');
      const cwd = join(folder, 'work');
      for (const made of [home, cwd]) mkdirSync(made);
      writeFileSync(join(cwd, 'notes.txt'), `${TASK.prompts.result}\n`);
      const ready = {
        command,
        args: argumentsOf(session, session.probe === 'rejected' ? TASK.prompts.noModel : model),
        cwd,
        env: environmentOf(home, url, { apiKey, headers }),
      };
      const said = await spawnLines(ready, '', Math.max(1, ends - Date.now()));
      const outcome = outcomeOf(session.probe, said.lines as Event[]);
      if (outcome === null) trouble = said.trouble || 'it printed no result';
      else lines.push(outcome);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { lines, trouble };
}

const argumentsOf = ({ prompt, turns, arguments: own }: Session, model: string): string[] => [
  '--print',
  prompt,
  '--model',
  model,
  '--max-turns',
  String(turns),
  '--output-format',
  'stream-json',
  '--verbose',
  '--strict-mcp-config',
  ...own,
];

/** Its variable for further headers, one a line. Source: https://code.claude.com/docs/en/settings */
function customHeaders(headers: CodeTask['headers']): NodeJS.ProcessEnv {
  const lines = Object.entries(headers).map((line) => line.join(': '));
  return lines.length === 0 ? {} : { ANTHROPIC_CUSTOM_HEADERS: lines.join('\n') };
}

/** All of its environment: nothing of this one but where commands are. */
const environmentOf = (
  home: string,
  url: string,
  { apiKey, headers }: Pick<CodeTask, 'apiKey' | 'headers'>,
): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  CLAUDE_CONFIG_DIR: join(home, '.claude'),
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_API_KEY: apiKey,
  ...customHeaders(headers),
  API_TIMEOUT_MS: String(REQUEST_MS),
  CLAUDE_CODE_MAX_RETRIES: '0',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_AUTOUPDATER: '1',
});

/** A line that it prints: one block of a reply, or the result of the session. */
interface Event {
  type?: string;
  message?: Json;
  result?: string;
  subtype?: string;
  is_error?: boolean;
  stop_reason?: string | null;
  api_error_status?: number | null;
  usage?: Json;
}

/** What the session came to; `null` without a result. */
export function outcomeOf(probe: Probe, events: readonly Event[]): Outcome | null {
  const result = events.findLast(({ type }) => type === 'result');
  if (result === undefined) return null;
  // The bound of turns is ours.
  if (result.is_error === true && result.subtype !== 'error_max_turns')
    return {
      probe,
      error: {
        class: result.subtype === 'success' ? 'API Error' : (result.subtype ?? 'error'),
        message: String(result.result ?? ''),
        status: result.api_error_status ?? null,
      },
    };
  return { probe, message: lastReply(probe, events, result) };
}

function lastReply(probe: Probe, events: readonly Event[], result: Event): ClientMessage {
  const said = events.flatMap(({ type, message }) => (type === 'assistant' && message !== undefined ? [message] : []));
  const last = get(said.at(-1), 'id');
  const own = said.filter((message) => get(message, 'id') === last);
  const output = get(result.usage, 'output_tokens');
  return {
    text: own.flatMap((message) => blocks(message, 'text').map(({ text }) => String(text))).join(''),
    tools: own.flatMap((message) =>
      blocks(message, 'tool_use').map(({ name, input }) => ({ name: String(name), input: input ?? null })),
    ),
    stop: result.stop_reason ?? null,
    // It adds up what all turns used.
    ...(probe === 'tool-loop'
      ? {}
      : { inputTokens: totalInput(result.usage), outputTokens: typeof output === 'number' ? output : null }),
  };
}
