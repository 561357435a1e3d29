/** Reads the cases of `fixtures/gateway`: each becomes a fixture whose turns say what the upstream expects and does. */

import { readdirSync, readFileSync } from 'node:fs';
import type { Fixture, Turn } from '../core/fixture.js';
import { get, isObject, type Json, type JsonObject } from '../core/json.js';
import type { Transport } from '../core/protocol.js';
import { type Script, SPEAKS, type Speaks, type UpstreamTurn } from '../core/upstream.js';
import { MAX_WRITTEN, readBounded } from '../runner/bounded-file.js';
import { packageFile } from '../runner/package-files.js';
import { UsageError, unread } from '../runner/usage-error.js';
import { violations } from '../validation/index.js';
import { MARKER } from './marker.js';

/** One turn as a file writes it (`schemas/gateway-case.schema.json`). */
interface WrittenTurn {
  request?: JsonObject;
  expects?: UpstreamTurn['expects'];
  script?: Partial<Script>;
  again?: true;
}

interface WrittenCase extends WrittenTurn {
  id: string;
  title: string;
  transports?: Transport[];
  speaks?: Speaks[];
  query?: string;
  headers?: Record<string, string>;
  then?: WrittenTurn[];
  hangUp?: NonNullable<Turn['abortAfter']>;
  parallel?: number;
  patienceMs?: number;
  cost?: 'normal' | 'thorough';
}

/** The folder of the package. */
const FOLDER = 'gateway';

/** All cases for an upstream that speaks this API, by id, in the order of files and lines. Throws when an id is given twice. */
export function loadCases(speaks: Speaks, ownFiles: readonly string[] = []): Map<string, Fixture> {
  const folder = packageFile('fixtures', FOLDER);
  const bundled = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => (JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as { cases: WrittenCase[] }).cases);
  const own = ownFiles.flatMap(readOwn);
  const cases = new Map<string, Fixture>();
  for (const written of [...bundled, ...own]) {
    if (cases.has(written.id)) throw new UsageError(`the id of the case "${written.id}" is taken`);
    cases.set(written.id, fixtureOf(written));
  }
  for (const { id, speaks: only = SPEAKS } of [...bundled, ...own]) if (!only.includes(speaks)) cases.delete(id);
  return cases;
}

/** Ids of the cases in a file of the user's. */
export const ownCases = (files: readonly string[]): string[] => files.flatMap(readOwn).map(({ id }) => id);

/** Throws `UsageError` for a file that cannot be read or breaks the schema. */
function readOwn(file: string): WrittenCase[] {
  let value: unknown;
  try {
    value = JSON.parse(readBounded(file, MAX_WRITTEN));
  } catch (error) {
    throw new UsageError(
      `--cases ${file}: ${error instanceof SyntaxError ? `not JSON: ${error.message}` : unread(error)}`,
    );
  }
  const faults = violations('gatewayCases', value);
  if (faults.length > 0) {
    const lines = faults.slice(0, 10).map(({ message }) => `  ${message}`);
    throw new UsageError([`${file} does not fit schemas/gateway-case.schema.json:`, ...lines].join('\n'));
  }
  return (value as { cases: WrittenCase[] }).cases;
}

function fixtureOf(written: WrittenCase): Fixture {
  const {
    id,
    title,
    transports = ['json', 'stream'],
    query = '',
    headers = {},
    hangUp,
    parallel,
    patienceMs,
  } = written;
  const turns = [written, ...(written.then ?? [])].map((turn) =>
    turnOf(turn.again ? { ...turn, request: written.request ?? {} } : turn),
  );
  const last = turns.at(-1)!;
  if (hangUp !== undefined) last.abortAfter = hangUp;
  // Whatever went wrong, the next request has to work.
  if (hangUp !== undefined || last.upstream?.script.fails !== undefined) turns.push(turnOf({}));
  return {
    id,
    title,
    transports,
    method: 'POST',
    path: '/v1/messages',
    query,
    headers,
    credential: 'default',
    apiVersion: 'default',
    client: 'http',
    turns,
    control: null,
    violates: null,
    attempts: 1,
    again: true,
    cost: written.cost ?? 'normal',
    splitInto: [],
    onlyIfAccepted: false,
    oneConnection: false,
    startGroup: null,
    ...(parallel !== undefined && { parallel }),
    ...(patienceMs !== undefined && { patienceMs }),
  };
}

const REQUEST: JsonObject = {
  model: '{{model}}',
  max_tokens: 256,
  messages: [{ role: 'user', content: `${MARKER} Answer in one sentence.` }],
};

const SCRIPT: Script = { answer: [{ text: 'Fine.' }], usage: { input: 21, output: 7 } };

function turnOf({ request = {}, expects, script = {}, again }: WrittenTurn): Turn {
  const whole = { ...SCRIPT, ...(script.fails && !('ending' in script.fails) && { answer: [] }), ...script };
  return {
    body: marked({ ...REQUEST, ...request }),
    upstream: { ...(expects && { expects }), script: whole, ...(again && { again }) },
  };
}

/** The request with the marker in front of the last text of the user, unless a text has it already. */
function marked(request: JsonObject): JsonObject {
  if (JSON.stringify(request).includes(MARKER)) return request;
  const messages = structuredClone(request.messages) as Json[];
  for (const message of messages.toReversed()) {
    if (get(message, 'role') !== 'user' || !isObject(message)) continue;
    if (typeof message.content === 'string') {
      message.content = `${MARKER} ${message.content}`;
      break;
    }
    const blocks = Array.isArray(message.content) ? message.content : [];
    const text = blocks.find((block) => get(block, 'type') === 'text' && typeof get(block, 'text') === 'string');
    if (!isObject(text)) continue;
    text.text = `${MARKER} ${String(text.text)}`;
    break;
  }
  return { ...request, messages };
}

/** Whether something goes wrong on purpose: such cases come last, because a gateway may put an upstream that fails on hold. */
export const isRisky = ({ turns }: Fixture): boolean =>
  turns.some(({ upstream }) => upstream?.script.fails !== undefined);
