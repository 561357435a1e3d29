/** What a real client says about the requirements that it decides. Pure. */

import { askedToWait, hasErrorEvent, isMessagesCall, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { ReportContract } from '../../core/report.js';
import type { Finding, Judgement } from '../../core/requirement.js';
import type { LaneReport, ProbeResult } from './run-lane.js';

/** What the other requests of the run show about the target. */
export interface Standing {
  contract: Pick<ReportContract, 'dialect'>;
  /** Whether a request of the suite's own for a message was accepted. */
  acceptsMessages: boolean;
  /** Whether the model itself writes broken characters: what a client makes of them says nothing about the server. */
  writesBrokenText: boolean;
}

/**
 * The judgement of one requirement by the probes that show it: violated as soon as one of them is, satisfied when one is and the others
 * show nothing.
 */
export function judgeByClient(lane: LaneReport, probes: readonly string[], standing: Standing): Judgement {
  const name = `${lane.title} ${lane.version}`;
  const looks = lane.probes
    .filter(({ probe }) => probes.includes(probe))
    .map((probe) => lookAt(probe, `The ${lane.title} client`, standing));
  const findings = looks.flatMap((look) => ('finding' in look ? [look] : []));
  if (findings.length > 0)
    return {
      outcome: 'violated',
      findings: findings.map(({ finding }) => finding),
      silent: findings.some(({ silent }) => silent),
    };
  if (looks.some((look) => 'same' in look))
    return { outcome: 'satisfied', note: `Decided by the client itself: ${name}` };
  const [reason = 'the client did not run it'] = looks.flatMap((look) => ('reason' in look ? [look.reason] : []));
  return { outcome: 'inconclusive', reason: `Not tested with ${name}: ${reason}`, tries: 1 };
}

type Look = { same: true } | { reason: string } | { finding: Finding; silent: boolean };

function lookAt({ result, exchanges }: ProbeResult, client: string, standing: Standing): Look {
  const calls = exchanges.filter(isMessagesCall);
  const last = calls.at(-1);
  const rejected = calls.find((exchange) => status(exchange) >= 400);
  if (rejected !== undefined) return ofRejection(rejected, client, standing);
  // The network, or the patience of the client, and not what the server wrote.
  const broken = calls.find(({ failure }) => failure !== null && !(failure.kind === 'abandoned' && gaveUp(result)));
  if (broken !== undefined) return { reason: `its response is incomplete (${broken.failure!.message})` };
  if (calls.some(({ stream }) => hasErrorEvent(stream))) return { reason: 'the stream ended with an `error` event' };
  if (
    standing.writesBrokenText &&
    result.kind !== 'same' &&
    calls.some(({ response }) => response?.bodyEncoding === 'base64')
  )
    return { reason: 'the model itself writes broken characters, also in replies that are not streamed' };
  const found = (message: string, expected: string, actual: string, silent: boolean): Look => ({
    finding: { message, expected, actual, at: null, exchange: last?.id ?? null },
    silent,
  });
  switch (result.kind) {
    case 'same':
      return { same: true };
    case 'differs':
      return found(
        `${client} silently gets another ${FIELDS[result.field] ?? result.field} than the response has.`,
        result.expected,
        result.actual,
        true,
      );
    case 'throws':
      return found(
        `${client} throws an error.`,
        'the message of the response',
        `${result.class}: ${result.message}`,
        false,
      );
    case 'falls back':
      return found(`${client} sends the request again without \`stream\`.`, 'one request', `${calls.length}`, false);
    case 'times out':
      return { reason: 'it had no result within its time' };
    case 'not observed':
      return { reason: result.reason };
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  stop: 'stop reason',
  inputTokens: 'number of input tokens',
  outputTokens: 'number of output tokens',
};

/** A client that cannot read a response closes the connection before its end, unless it has waited long enough. */
const gaveUp = (result: ProbeResult['result']): boolean =>
  result.kind === 'throws' && !/time(d )?out|deadline/i.test(`${result.class} ${result.message}`);

/** A rejection counts where the suite's own requests are accepted, and the target documents what this client sends. */
function ofRejection(exchange: Exchange, client: string, { contract, acceptsMessages }: Standing): Look {
  const answer = `HTTP ${status(exchange)}`;
  if (askedToWait(exchange) || status(exchange) >= 500 || !acceptsMessages) return { reason: `${answer}` };
  const { credentials, versions } = contract.dialect;
  const { headers } = exchange.request;
  const bearer = headers.authorization !== undefined;
  if (!credentials.includes(bearer ? 'bearer' : 'x-api-key'))
    return { reason: `${answer}; the contract documents no ${bearer ? 'bearer token' : '`x-api-key`'}` };
  const version = versions.find((one) => one === exchange.apiVersion);
  if (version === undefined)
    return { reason: `${answer}; the contract does not document version ${exchange.apiVersion ?? 'none'}` };
  // Forced and offered tools are what other requirements are about.
  if (/"tools"/.test(exchange.request.body ?? '')) return { reason: `${answer} for a request with tools` };
  return {
    finding: {
      message: `The server rejects the plainest request of ${client.replace(/^T/, 't')}.`,
      expected: 'HTTP 200, as for the same request over plain HTTP',
      actual: answer,
      at: null,
      exchange: exchange.id,
    },
    silent: false,
  };
}
