/**
 * What the catalogue of `run` says about every response: shapes, order of events, envelopes. It is judged on all cases of a gateway too.
 * Left out: what needs a model, a key, or conversations of its own.
 */

import type { Judge, Requirement, Suite } from '../../core/requirement.js';
import { CATALOGUE } from '../../suites/index.js';
import { streamLabels } from '../../suites/stream/frames.js';
import { isPagePassedOn } from '../judging/failures.js';
import { scriptOf } from '../judging/pairs.js';

const IDS: readonly string[] = [
  'http.response.content-type-json',
  'http.response.single-object',
  'hdr.request-id.present',
  'hdr.retry-after.shape',
  'resp.type-role',
  'resp.id',
  'resp.content.array',
  'resp.content.text-shape',
  'resp.stop-reason.enum',
  'resp.stop-sequence.null',
  'resp.usage.ints',
  'resp.no-foreign-fields',
  'resp.optional.null-or-valid',
  'usage.cache.null-or-int',
  'usage.optional.null-or-valid',
  'stream.http.status-type',
  'stream.frame.event-name',
  'stream.frame.name-equals-type',
  'stream.frame.json',
  'stream.frame.blank-line',
  'stream.frame.no-done',
  'stream.frame.utf8-no-bom',
  'stream.frame.lf',
  'stream.order.message-start-first',
  'stream.order.one-message-start',
  'stream.order.block-start-before-delta',
  'stream.order.index-consecutive',
  'stream.order.block-stop',
  'stream.order.stop-once',
  'stream.order.message-delta-after-blocks',
  'stream.order.message-delta-present',
  'stream.order.message-stop-last',
  'stream.order.nothing-after-error',
  'stream.start.content-empty',
  'stream.start.stop-null',
  'stream.start.usage',
  'stream.start.message-shape',
  'stream.text.start-empty',
  'stream.text.delta-type',
  'stream.delta.matches-block',
  'stream.usage.in-message-delta',
  'stream.error.event',
  'err.envelope.type',
  'err.envelope.error',
  'err.envelope.type-enum',
  'err.content-type',
];

/** How a stream ends that the upstream broke off is judged by `gw.errors.cut`. */
const LAST = 'stream.order.message-stop-last';

/** A stream that breaks off with that of the upstream before its first event shows no order of events: `gw.errors.cut` judges it, too. */
const FIRST = 'stream.order.message-start-first';

/** How a page of HTML is passed on is judged by `gw.errors.html`. */
const OF_ERRORS = /^err\./;

const withoutPages =
  (judge: Judge): Judge =>
  (evidence) =>
    judge({ ...evidence, all: evidence.all.filter((exchange) => !isPagePassedOn(exchange, evidence)) });

const ofWholeAnswers =
  (judge: Judge): Judge =>
  (evidence) =>
    judge({
      ...evidence,
      all: evidence.all.filter((exchange) => scriptOf(exchange, evidence).fails === undefined),
    });

const ofBegunStreams =
  (judge: Judge): Judge =>
  (evidence) =>
    judge({
      ...evidence,
      all: evidence.all.filter(
        (exchange) =>
          exchange.failure === null ||
          (exchange.stream?.events.length ?? 0) > 0 ||
          scriptOf(exchange, evidence).fails === undefined,
      ),
    });

/** What is judged in another way here. */
const JUDGES: Readonly<Record<string, (judge: Judge) => Judge>> = {
  [LAST]: ofWholeAnswers,
  [FIRST]: ofBegunStreams,
  // A rejection of a stream is judged by the families of the gateway.
  'stream.http.status-type': () => streamLabels,
};

/** The requirement, judged on whatever the run has: its own conversations are not sent. */
function anywhere(id: string): Requirement {
  const requirement = CATALOGUE.find((one) => one.id === id);
  if (requirement === undefined) throw new Error(`requirement "${id}" does not exist`);
  const limited = JUDGES[id] ?? (OF_ERRORS.test(id) ? withoutPages : (judge: Judge): Judge => judge);
  return { ...requirement, fixtures: [], judge: limited(requirement.judge) };
}

export const clientSide: Suite = {
  name: 'gateway-client-side',
  title: 'shapes, events and errors of every response, by the catalogue of run',
  requirements: IDS.map(anywhere),
};
