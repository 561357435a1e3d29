/**
 * Requirements that any traffic can show: their judges look at every exchange and need no request of the suite. They decide about
 * recorded traffic; all others need `run`.
 */

import { isMessagesCall, status, succeeded } from '../../core/answers.js';
import { isObject, quote } from '../../core/json.js';
import type { Judge, Requirement } from '../../core/requirement.js';
import { clientRequests } from '../client-requests.js';
import { CATALOGUE, SUITES } from '../index.js';
import { each } from '../judging/judges.js';
import { finding } from '../judging/outcomes.js';
import { labelFindings } from '../stream/frames.js';

/** Ids, in the order of the catalogue. */
const OBSERVED: readonly string[] = [
  'http.post.messages',
  'http.response.content-type-json',
  'http.response.single-object',
  'hdr.request-id.present',
  'hdr.ratelimit.shape',
  'hdr.retry-after.shape',
  'req.max-tokens.enforced',
  'tc.forced.no-text-before',
  'tu.stop-reason',
  'tu.shape',
  'tu.input.matches-schema',
  'tu.input.empty',
  'tu.id.pattern',
  'tu.name.declared',
  'tu.parallel',
  'resp.type-role',
  'resp.id',
  'resp.model',
  'resp.content.array',
  'resp.content.text-shape',
  'resp.stop-reason.enum',
  'resp.stop-sequence.null',
  'resp.usage.ints',
  'resp.no-foreign-fields',
  'resp.optional.null-or-valid',
  'resp.thinking-not-leaked',
  'usage.input.positive',
  'usage.output.positive',
  'usage.truncated.equals-limit',
  'usage.cache.null-or-int',
  'usage.thinking-within-output',
  'resp.content.other-blocks',
  'usage.optional.null-or-valid',
  'stop.max-tokens.valid-content',
  'stop.sequence.value',
  'stop.sequence.excluded',
  'stop.refusal.http-200',
  'stream.http.status-type',
  'stream.http.chunked',
  'stream.frame.event-name',
  'stream.frame.name-equals-type',
  'stream.frame.json',
  'stream.frame.blank-line',
  'stream.frame.no-done',
  'stream.frame.utf8-no-bom',
  'stream.frame.lf',
  'stream.frame.incremental',
  'stream.frame.granularity',
  'stream.frame.close',
  'stream.ping.shape',
  'stream.ping.silence',
  'stream.order.message-start-first',
  'stream.order.one-message-start',
  'stream.start.content-empty',
  'stream.start.stop-null',
  'stream.start.usage',
  'stream.start.message-shape',
  'stream.order.block-start-before-delta',
  'stream.order.index-consecutive',
  'stream.order.no-overlap',
  'stream.order.block-stop',
  'stream.order.stop-once',
  'stream.order.message-delta-after-blocks',
  'stream.order.message-delta-present',
  'stream.order.message-stop-last',
  'stream.order.nothing-after-error',
  'stream.text.start-empty',
  'stream.text.delta-type',
  'stream.thinking.start',
  'stream.thinking.signature-once',
  'stream.delta.matches-block',
  'stream.usage.in-message-delta',
  'stream.usage.cumulative',
  'stream.stop-sequence',
  'stream.tool.start',
  'stream.tool.delta-type',
  'stream.tool.concat-json',
  'stream.tool.no-args',
  'stream.tool.fragmented',
  'stream.tool.parallel-blocks',
  'stream.tool.stop-reason',
  'stream.error.pre-stream',
  'stream.error.event',
  'err.envelope.type',
  'err.envelope.error',
  'err.envelope.type-enum',
  'err.envelope.request-id',
  'err.content-type',
  'err.rate-limit',
  'err.overload',
  'think.block-shape',
  'think.replay.order',
  'think.usage',
  'cache.usage.fields',
  'cache.usage.sum',
  'agent.text-and-tool',
  'agent.first-byte',
  'sdk.go.accumulate',
];

/** What `run` asks of requests of its own is asked of every accepted request here. */
const OF_TRAFFIC: Readonly<Record<string, Judge>> = {
  'http.post.messages': each(
    // First the request: without it nobody knows what was asked for.
    (exchange) =>
      exchange.sent !== undefined &&
      exchange.transport === 'json' &&
      exchange.request.method === 'POST' &&
      isMessagesCall(exchange) &&
      succeeded(exchange) &&
      isObject(exchange.json)
        ? exchange
        : null,
    (exchange) =>
      exchange.message !== null
        ? []
        : [
            finding(
              exchange,
              'The body of a reply is not a message; clients fail on it.',
              'a Message',
              `HTTP ${status(exchange)} ${quote(exchange.json)}`,
            ),
          ],
  ),
  'stream.http.status-type': each(
    (exchange) =>
      exchange.sent !== undefined && exchange.transport === 'stream' && succeeded(exchange) ? exchange : null,
    labelFindings,
  ),
};

/** The requirements that recorded traffic is judged by: those of the catalogue, then those on what the client sends. */
export const OBSERVED_REQUIREMENTS: readonly Requirement[] = [
  ...CATALOGUE.filter(({ id }) => OBSERVED.includes(id)).map((requirement) => ({
    ...requirement,
    judge: OF_TRAFFIC[requirement.id] ?? requirement.judge,
  })),
  ...clientRequests.requirements,
];

/** Name of the family of each of these requirements. */
export const OBSERVED_SUITES: ReadonlyMap<string, string> = new Map(
  [...SUITES, clientRequests].flatMap(({ name, requirements }) => requirements.map(({ id }) => [id, name] as const)),
);
