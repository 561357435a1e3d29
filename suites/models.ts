import { answer, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, isObject, quote } from '../core/json.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { whyControlFailed } from './judging/controls.js';
import { rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import {
  conversation,
  entriesOf,
  idsOf,
  PAGE,
  pageFaults,
  reached,
  saysNo,
  unknownIsNotFound,
  whereThere,
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
import { firstFew } from './judging/views.js';

export const models: Suite = {
  name: 'models',
  title: 'the list of models and its pages',
  requirements: [
    {
      id: 'models.list.shape',
      level: 'MUST',
      profile: 'models',
      statement: 'GET /v1/models is answered with a page: data, has_more, and first_id and last_id of its own entries.',
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
      statement:
        'Every model of the list has an id, the type model, a display_name, and created_at as an RFC 3339 time.',
      source: ['T:models', 'D:models'],
      fixtures: ['models-list'],
      judge: items,
    },
    {
      id: 'models.retrieve',
      level: 'MUST',
      profile: 'models',
      statement:
        'GET /v1/models/{id} with a listed id, escaped where it holds other characters, is answered with the same model.',
      source: ['T:models'],
      fixtures: ['models-first', 'models-list'],
      judge: retrieved,
    },
    {
      id: 'models.retrieve.unknown',
      level: 'SHOULD',
      profile: 'models',
      statement: 'A model that does not exist is answered with 404 (not_found_error documented).',
      source: ['D:models', 'D:errors'],
      fixtures: ['models-unknown', 'models-list'],
      judge: whereThere('models', 'models-list', PAGE, unknownIsNotFound('models-unknown')),
    },
    {
      id: 'models.paging',
      level: 'MUST',
      profile: 'models',
      statement: 'With limit and after_id the pages bring one model after the other, none twice and none left out.',
      source: ['T:page'],
      fixtures: ['models-walk', 'models-walk-short', 'models-list'],
      judge: pages,
    },
    {
      id: 'models.limit.range',
      level: 'MAY',
      profile: 'models',
      statement:
        'A limit of 1000 is served, within the three seconds that coding agents wait; 0 and 1001 may be refused as client errors.',
      source: ['D:models', 'CC'],
      fixtures: ['models-walk', 'models-limit-agents', 'models-limit-zero', 'models-limit-high', 'models-list'],
      judge: whereThere('models', 'models-list', PAGE, limits),
    },
    {
      id: 'models.consistent',
      level: 'SHOULD',
      profile: 'models',
      statement: 'The first model of the list can be used in a request for a message.',
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
/** Turn of the conversation `models-walk` that asks for all models behind the first. */
const REST = 2;

/** Fields that clients read; what else a model may tell of itself is judged more mildly. */
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
    : notObserved('no model is listed');
}

type First = { listed: unknown; judgement?: never } | { judgement: Judgement; listed?: never };

/** What the list says of its first model, or why there is nothing to go on with. */
function firstListed(evidence: Evidence, list: Exchange | undefined): First {
  const nothing = whyNotOk(evidence, list === undefined ? [] : [list], PAGE);
  if (nothing !== null) return { judgement: nothing };
  const [first] = entriesOf(list);
  if (typeof get(first, 'id') === 'string') return { listed: first };
  const why = 'the first model of the list has no id';
  return { judgement: entriesOf(list).length === 0 ? notObserved('no model is listed') : inconclusive(why) };
}

function retrieved(evidence: Evidence): Judgement {
  const turns = conversation(evidence, 'models-first');
  const { listed, judgement } = firstListed(evidence, turns.get(LISTED));
  if (judgement !== undefined) return judgement;
  const exchange = reached(turns, RETRIEVED);
  if ('outcome' in exchange) return exchange;
  const nothing = whyNotOk(evidence, [exchange], 'HTTP 200 with the model');
  if (nothing !== null) return nothing;
  return verdictOf(
    ['type', 'id', 'display_name', 'created_at'].flatMap((key) => {
      const [expected, actual] = [get(listed, key), get(exchange.json, key)];
      if (expected === undefined || quote(expected) === quote(actual)) return [];
      const message = `${key} is not what the list says of the same model.`;
      return [finding(exchange, message, quote(expected), quote(actual), { pointer: `/${key}` })];
    }),
  );
}

function pages(evidence: Evidence): Judgement {
  const alone = conversation(evidence, 'models-walk-short');
  const walked = [...(alone.size > 0 ? alone : conversation(evidence, 'models-walk')).values()];
  const nothing = whyNotOk(evidence, walked.slice(0, 1), PAGE);
  if (nothing !== null) return nothing;
  const seen: unknown[] = [];
  for (const [index, page] of walked.entries()) {
    if (index > 0) {
      if (page.failure?.kind === 'not-set-up') {
        return violated(
          finding(
            walked[index - 1]!,
            'A page announces another one, but not the id behind which it begins.',
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
    if (!ids.every((id) => typeof id === 'string')) return inconclusive('a model of these pages has no id');
    const again = ids.find((id) => seen.includes(id));
    if (again !== undefined) {
      const message = 'The page behind a model begins with a model that was already seen: clients turn pages for ever.';
      return violated(
        finding(page, message, 'models that were not seen yet', quote(again), { pointer: '/data' }),
        true,
      );
    }
    if (index === 0 && ids.length > 1) return tooMany(page, ids);
    seen.push(...ids);
    if (get(page.json, 'has_more') !== true) return complete(evidence, seen, page);
  }
  return complete(evidence, seen, null);
}

/** All models on one page turn into no loop and lose nothing, though fewer were asked for. */
function tooMany(page: Exchange, ids: readonly unknown[]): Judgement {
  const fault = finding(page, 'A page holds more models than its limit.', 'one model', `${ids.length} models`, {
    pointer: '/data',
  });
  return get(page.json, 'has_more') === true ? violated(fault) : deviates(fault);
}

/** Compares what page after page brought with the list at once, as far as both go; `last` is the page that says it is the last. */
function complete(evidence: Evidence, seen: readonly unknown[], last: Exchange | null): Judgement {
  const list = evidence.of('models-list').find(succeeded);
  const all = idsOf(list);
  if (list === undefined) return seen.length > 1 ? satisfied() : inconclusive('the list at once was not served');
  const expected = last === null ? all.slice(0, seen.length) : all;
  if (last !== null && get(list.json, 'has_more') === true && seen.length >= all.length) return satisfied();
  if (expected.length === seen.length && expected.every((id, index) => id === seen[index])) return satisfied();
  return violated(
    finding(
      last ?? list,
      last === null
        ? 'Page after page brings other models, or another order, than the list at once.'
        : 'The pages end before all models of the list have come.',
      quote(expected),
      quote(seen),
      { pointer: '/data' },
    ),
    true,
  );
}

/** Coding agents give up the list after so long. */
const PATIENCE_MS = 3_000;

function limits(evidence: Evidence): Judgement {
  const large = evidence.of('models-limit-agents').at(-1) ?? conversation(evidence, 'models-walk').get(REST);
  const nothing = noAnswer(large === undefined ? [] : [large]);
  if (nothing !== null) return nothing;
  const trouble = whyControlFailed(evidence, evidence.fixture('models-limit-zero'), large!);
  if (trouble !== null) return inconclusive(trouble);
  if (!succeeded(large!)) {
    const fault = finding(large!, 'A limit of 1000 is not served: coding agents ask for it.', PAGE, answer(large!));
    return saysNo(large!) ? deviates(fault) : violated(fault);
  }
  const took = large!.response?.endMs ?? 0;
  if (took > PATIENCE_MS) {
    const message = 'The list takes longer than coding agents wait for it.';
    return deviates(finding(large!, message, `the list within ${PATIENCE_MS} ms`, `${Math.round(took)} ms`));
  }
  const judgement = rejected({ optional: 'a limit that is out of range is served all the same' })(evidence);
  return judgement.outcome === 'not-observed' ? satisfied(judgement.reason) : judgement;
}

function usable(evidence: Evidence): Judgement {
  const turns = conversation(evidence, 'models-first');
  const { listed, judgement } = firstListed(evidence, turns.get(LISTED));
  if (judgement !== undefined) return judgement;
  const exchange = reached(turns, USED);
  if ('outcome' in exchange) return exchange;
  const nothing = noAnswer([exchange]);
  if (nothing !== null) return nothing;
  if (exchange.message !== null) return satisfied();
  const control = evidence.of('minimal');
  if (!control.some(succeeded)) return inconclusive('the same question was not served by the configured model either');
  const id = quote(get(listed, 'id'));
  const message = `The list begins with the model ${id}, which does not answer.`;
  return violated(finding(exchange, message, 'HTTP 200 with a Message', answer(exchange)));
}
