/** Both sides of an exchange, as judges look at them. */

import type { Exchange } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import type { NeutralRequest } from '../../core/neutral.js';
import type { Evidence } from '../../core/requirement.js';
import type { Script, UpstreamCall } from '../../core/upstream.js';
import { NONE_SENT } from '../../suites/judging/no-answer.js';
import { DIALECTS, type Dialect, dialectOf } from '../dialects/index.js';
import { readMessagesRequest } from '../dialects/messages/read.js';
import { type WholeAnswer, wholeAnswer } from '../dialects/steps.js';
import { withMarker } from '../marker.js';

/** A request as the client sent it, and as it arrived. */
export interface RequestPair {
  exchange: Exchange;
  call: UpstreamCall;
  dialect: Dialect;
  sent: NeutralRequest;
  got: NeutralRequest;
  /** The body that arrived. */
  body: Json | undefined;
  /** Fields that the contract documents as ignored, such as `output_config.effort`. */
  ignores: readonly string[];
}

/** The API that the gateway was told to speak. */
export function dialectIn({ claims }: Evidence): Dialect {
  return dialectOf(claims.gateway?.speaks ?? 'openai-chat');
}

/** Requests that reached the upstream in an API that the suite reads. */
export const callsOf = ({ upstream = [] }: Exchange): readonly UpstreamCall[] =>
  upstream.filter(({ speaks }) => DIALECTS.some(({ name }) => name === speaks));

const pairs = new WeakMap<Exchange, RequestPair | null>();

/** The first request that an exchange led to, beside the client's; `null` when none arrived. */
export function requestPair(exchange: Exchange, evidence: Pick<Evidence, 'fixture' | 'claims'>): RequestPair | null {
  let pair = pairs.get(exchange);
  if (pair === undefined) {
    const [call] = callsOf(exchange);
    // A report that keeps an exchange in part does not have its requests whole.
    if (call === undefined || exchange.failure?.kind === 'too-large') pair = null;
    else {
      const dialect = dialectOf(call.speaks!);
      const body = parsed(call.request.body ?? '');
      // What a case expects comes before what its request says.
      const { expects = {} } = evidence.fixture(exchange.fixture).turns[exchange.turn - 1]?.upstream ?? {};
      const sent = { ...readMessagesRequest(exchange.sent), ...withMarker(expects, exchange.id) };
      const ignores = evidence.claims.gateway?.ignores ?? [];
      pair = { exchange, call, dialect, body, sent, got: dialect.read(body), ignores };
    }
    pairs.set(exchange, pair);
  }
  return pair;
}

const scripts = new WeakMap<Exchange, Script>();

/** What the upstream was to do with the request of an exchange. */
export function scriptOf(exchange: Exchange, evidence: Pick<Evidence, 'fixture'>): Script {
  let script = scripts.get(exchange);
  if (script === undefined) {
    const { upstream } = evidence.fixture(exchange.fixture).turns[exchange.turn - 1]!;
    script = withMarker(upstream!.script, exchange.id);
    scripts.set(exchange, script);
  }
  return script;
}

const answers = new WeakMap<Script, WholeAnswer>();

/** What that script comes to. */
export function answerOf(script: Script): WholeAnswer {
  let answer = answers.get(script);
  if (answer === undefined) {
    answer = wholeAnswer(script);
    answers.set(script, answer);
  }
  return answer;
}

/** Whether the upstream played the script of an exchange, and to its end. */
export const wasPlayed = (exchange: Exchange): boolean =>
  callsOf(exchange).some(
    ({ refused, credential, end }) => refused.length === 0 && credential !== 'none' && end === 'finished',
  );

/** Whether the upstream rejected a request of an exchange. */
export const wasRefused = (exchange: Exchange): boolean => callsOf(exchange).some(({ refused }) => refused.length > 0);

/** Why a case has nothing to judge. */
export const whyNothing = ({ own }: Evidence): string =>
  own.length === 0
    ? NONE_SENT
    : own.some(wasRefused)
      ? 'The upstream rejected its requests, see gw.request.valid'
      : 'None of its requests reached the upstream';

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
