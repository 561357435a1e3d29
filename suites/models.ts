import { answer, isAccepted, isUnsupported, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, isObject, quote } from '../core/json.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { whyControlFailed } from './judging/controls.js';
import { rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import {
  entriesOf,
  idsOf,
  lastAttempt,
  PAGE,
  pageFaults,
  reached,
  unknownIsNotFound,
  whereEndpointExists,
  whyNotOk,
} from './judging/other-endpoints.js';
import {
  deviates,
  finding,
  inconclusive,
  notObserved,
  satisfied,
  schemaFindings,
  verdictOf,
  violated,
} from './judging/outcomes.js';
import { firstFew, jsonMessage } from './judging/views.js';

export const models: Suite = {
  name: 'models',
  title: 'the list of models, its pages, and single models',
  requirements: [
    {
      id: 'models.list.shape',
      level: 'MUST',
      profile: 'models',
      statement:
        'GET /v1/models returns a page: `data`, `has_more`, and the ids of its first and last entry in `first_id` and `last_id`.',
      source: ['T:page', 'D:models'],
      fixtures: ['models-list'],
      judge: (evidence) =>
        whyNotOk(evidence, evidence.own, PAGE) ??
        verdictOf(evidence.own.flatMap((exchange) => pageFaults(exchange, evidence, 'modelsPage'))),
    },
    {
      id: 'models.item.shape',
      level: 'MUST',
      profile: 'models',
      statement: 'Every entry has `type` "model", an `id`, a `display_name`, and an RFC 3339 time in `created_at`.',
      source: ['T:models', 'D:models'],
      fixtures: ['models-list'],
      judge: items,
    },
    {
      id: 'models.retrieve',
      level: 'MUST',
      profile: 'models',
      statement:
        'GET /v1/models/{id} with a listed id, percent-encoded where needed, returns the same model, each of its fields in the documented form.',
      source: ['T:models'],
      fixtures: ['models-first', 'models-list'],
      judge: retrieved,
    },
    {
      id: 'models.retrieve.unknown',
      level: 'SHOULD',
      profile: 'models',
      statement: 'The server answers a request for an unknown model with 404 (documented: `not_found_error`).',
      source: ['D:models', 'D:errors'],
      fixtures: ['models-unknown', 'models-list'],
      judge: whereEndpointExists('models', 'models-list', PAGE, unknownIsNotFound('models-unknown')),
    },
    {
      id: 'models.paging',
      level: 'MUST',
      profile: 'models',
      statement: 'Paging with `limit` and `after_id` returns every model exactly once.',
      source: ['T:page'],
      fixtures: ['models-walk', 'models-walk-short', 'models-list'],
      judge: pages,
    },
    {
      id: 'models.limit.range',
      level: 'MAY',
      profile: 'models',
      statement:
        'The server accepts `limit` 1000 and answers within the three seconds that coding agents wait; it may reject 0 and 1001 as client errors.',
      source: ['D:models', 'CC'],
      fixtures: ['models-walk', 'models-limit-agents', 'models-limit-zero', 'models-limit-high', 'models-list'],
      judge: whereEndpointExists('models', 'models-list', PAGE, limits),
    },
    {
      id: 'models.consistent',
      level: 'SHOULD',
      profile: 'models',
      statement: 'The list has the models that the server offers; it accepts the first in a request for a message.',
      source: ['D:models'],
      fixtures: ['models-first', 'models-list', 'minimal'],
      judge: usable,
    },
  ],
};

/** Turns of the conversation `models-first`. */
const LISTED = 1;
const RETRIEVED = 2;
const USED = 3;
/** Turn of the conversation `models-walk` that requests all models after the first. */
const REST = 2;

/** Fields that clients read. Faults of other fields only deviate. */
const ESSENTIAL = /^\/(type|id|display_name|created_at)$/;

function items(evidence: Evidence): Judgement {
  const nothing = whyNotOk(evidence, evidence.own, PAGE);
  if (nothing !== null) return nothing;
  const essential: Finding[] = [];
  const further: Finding[] = [];
  for (const exchange of evidence.own) {
    for (const [index, item] of entriesOf(exchange).entries()) {
      const faults = evidence.violations('modelInfo', item);
      const place = { pointer: `/data/${index}` };
      const serious = faults.filter(({ pointer }) => !isObject(item) || ESSENTIAL.test(pointer));
      essential.push(...schemaFindings(exchange, serious, place));
      const rest = faults.filter((fault) => !serious.includes(fault));
      further.push(...schemaFindings(exchange, rest, place));
    }
  }
  if (essential.length > 0) return violated(firstFew(essential));
  if (further.length > 0) return deviates(firstFew(further));
  return evidence.own.some((exchange) => entriesOf(exchange).length > 0)
    ? satisfied()
    : notObserved('The list has no models');
}

type First = { listed: unknown; judgement?: never } | { judgement: Judgement; listed?: never };

/** The first entry of the list, or why there is none. */
function firstListed(evidence: Evidence, list: Exchange | undefined): First {
  const nothing = whyNotOk(evidence, list === undefined ? [] : [list], PAGE);
  if (nothing !== null) return { judgement: nothing };
  const [first] = entriesOf(list);
  if (typeof get(first, 'id') === 'string') return { listed: first };
  const why = 'The first model of the list has no `id`';
  return { judgement: entriesOf(list).length === 0 ? notObserved('The list has no models') : inconclusive(why) };
}

function retrieved(evidence: Evidence): Judgement {
  const turns = lastAttempt(evidence.of('models-first'));
  const { listed, judgement } = firstListed(evidence, turns.get(LISTED));
  if (judgement !== undefined) return judgement;
  const exchange = reached(turns, RETRIEVED);
  if ('outcome' in exchange) return exchange;
  const nothing = whyNotOk(evidence, [exchange], 'HTTP 200 with the model');
  if (nothing !== null) return nothing;
  const differences = (keys: readonly string[]): Finding[] =>
    keys.flatMap((key) => {
      const [expected, actual] = [get(listed, key), get(exchange.json, key)];
      if (expected === undefined || quote(expected) === quote(actual)) return [];
      const message = `\`${key}\` differs from the list entry of the same model.`;
      return [finding(exchange, message, quote(expected), quote(actual), { pointer: `/${key}` })];
    });
  const essential = differences(['type', 'id', 'display_name', 'created_at']);
  if (essential.length > 0) return violated(essential);
  // What the list leaves out has to have its form all the same; the list is judged by models.item.shape.
  const malformed = evidence.violations('modelInfo', exchange.json).filter(({ pointer }) => !ESSENTIAL.test(pointer));
  const further = [...schemaFindings(exchange, malformed), ...differences(limitsIn(exchange))];
  return further.length > 0 ? deviates(firstFew(further)) : satisfied();
}

/** Token limits that the model has by itself: a list may leave them out. */
const limitsIn = ({ json }: Exchange): string[] =>
  ['max_input_tokens', 'max_tokens'].filter((key) => typeof get(json, key) === 'number');

function pages(evidence: Evidence): Judgement {
  const walk = evidence.resolve({ whole: 'models-walk', part: 'models-walk-short' });
  const walked = [...lastAttempt(walk).values()];
  const nothing = whyNotOk(evidence, walked.slice(0, 1), PAGE);
  if (nothing !== null) return nothing;
  const seen: unknown[] = [];
  for (const [index, page] of walked.entries()) {
    if (index > 0) {
      if (page.failure?.kind === 'not-set-up') {
        return violated(
          finding(
            walked[index - 1]!,
            '`last_id` is missing, but `has_more` is true.',
            'last_id',
            quote(get(walked[index - 1]!.json, 'last_id')),
            { pointer: '/last_id' },
          ),
        );
      }
      const trouble = whyNotOk(evidence, [page], PAGE);
      if (trouble !== null) return trouble.outcome === 'rejected' ? violated(trouble.findings) : trouble;
    }
    const ids = idsOf(page);
    if (!ids.every((id) => typeof id === 'string')) return inconclusive('A model of these pages has no `id`');
    const again = ids.find((id) => seen.includes(id));
    if (again !== undefined) {
      const message = 'A page repeats a model of an earlier page; clients page forever.';
      return violated(finding(page, message, 'only new models', quote(again), { pointer: '/data' }), true);
    }
    if (index === 0 && ids.length > 1) return tooMany(page, ids);
    seen.push(...ids);
    if (get(page.json, 'has_more') !== true) return complete(evidence, seen, page);
  }
  return complete(evidence, seen, null);
}

/** All models on one page cause no loop and lose nothing, so that only deviates. */
function tooMany(page: Exchange, ids: readonly unknown[]): Judgement {
  const fault = finding(page, 'A page has more models than `limit`.', 'one model', `${ids.length} models`, {
    pointer: '/data',
  });
  return get(page.json, 'has_more') === true ? violated(fault) : deviates(fault);
}

/** Compares the pages with the full list, as far as both go. `last`: the page without further pages. */
function complete(evidence: Evidence, seen: readonly unknown[], last: Exchange | null): Judgement {
  const list = evidence.of('models-list').find(succeeded);
  const all = idsOf(list);
  if (list === undefined)
    return seen.length > 1 ? satisfied() : inconclusive('Not tested: the target rejected the full list');
  const expected = last === null ? all.slice(0, seen.length) : all;
  if (last !== null && get(list.json, 'has_more') === true && seen.length >= all.length) return satisfied();
  if (expected.length === seen.length && expected.every((id, index) => id === seen[index])) return satisfied();
  return violated(
    finding(
      last ?? list,
      last === null
        ? 'The pages differ from the full list in models or order.'
        : 'The pages lack models of the full list.',
      quote(expected),
      quote(seen),
      { pointer: '/data' },
    ),
    true,
  );
}

/** Coding agents give up on the list after this time. */
const PATIENCE_MS = 3_000;

function limits(evidence: Evidence): Judgement {
  const large = evidence.of('models-limit-agents').at(-1) ?? lastAttempt(evidence.of('models-walk')).get(REST);
  const nothing = noAnswer(large === undefined ? [] : [large], evidence);
  if (nothing !== null) return nothing;
  const trouble = whyControlFailed(evidence, evidence.fixture('models-limit-zero'), large!);
  if (trouble !== null) return inconclusive(trouble);
  if (!succeeded(large!)) {
    const fault = finding(large!, '`limit` 1000 is rejected; coding agents send it.', PAGE, answer(large!));
    return isUnsupported(large!) ? deviates(fault) : violated(fault);
  }
  const took = large!.response?.endMs ?? 0;
  if (took > PATIENCE_MS) {
    const message = 'The list takes longer than coding agents wait.';
    return deviates(finding(large!, message, `the list within ${PATIENCE_MS} ms`, `${Math.round(took)} ms`));
  }
  const judgement = rejected({ optional: 'The target accepts a `limit` that is out of range, which is allowed' })(
    evidence,
  );
  if (judgement.outcome !== 'not-observed') return judgement;
  const wasSent = evidence.own.some(({ fixture }) => evidence.fixture(fixture).violates !== null);
  return satisfied(wasSent ? judgement.reason : 'Limits 0 and 1001 are only tested with --thorough');
}

function usable(evidence: Evidence): Judgement {
  const turns = lastAttempt(evidence.of('models-first'));
  const list = turns.get(LISTED);
  const { listed, judgement } = firstListed(evidence, list);
  const control = evidence.of('minimal');
  if (judgement?.outcome === 'not-observed' && entriesOf(list).length === 0 && control.some(isAccepted)) {
    const message = 'The list of models is empty, though a model answers; clients offer none.';
    return violated(finding(list!, message, `an entry for ${quote(evidence.model)}`, '[]', { pointer: '/data' }));
  }
  if (judgement !== undefined) return judgement;
  const exchange = reached(turns, USED);
  if ('outcome' in exchange) return exchange;
  const nothing = noAnswer([exchange], evidence);
  if (nothing !== null) return nothing;
  if (exchange.message !== null) return satisfied();
  if (!control.some(succeeded))
    return inconclusive('Not tested: the configured model did not answer the same question either');
  if (get(listed, 'id') === evidence.model && control.some((one) => jsonMessage(one) !== null))
    return satisfied('It is the model of this run, which answers');
  const id = quote(get(listed, 'id'));
  const message = `The first model of the list, ${id}, does not work.`;
  return violated(finding(exchange, message, 'HTTP 200 with a Message', answer(exchange)));
}
