import { answer, askedToWait, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get } from '../core/json.js';
import { blocks, text, totalInput } from '../core/message.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { inOrder } from '../core/text.js';
import { viaSdkOrRawHttp } from './judging/bundles.js';
import { controlTrouble } from './judging/controls.js';
import { each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, verdictOf } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import { messageOf } from './judging/views.js';

export const requestRequired: Suite = {
  name: 'request-required',
  title: 'required fields of a request: model, messages, max_tokens',
  requirements: [
    {
      id: 'req.model.required',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The server rejects a missing, empty or null `model`, or one that is not a string, as a client error (documented: 400 `invalid_request_error`).',
      source: ['S1', 'H3', 'H5', 'O24'],
      fixtures: ['model-missing', 'model-empty', 'model-null', 'model-number', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.model.unknown',
      level: 'MUST',
      profile: 'errors',
      statement:
        'The server rejects an unknown `model` as a client error (documented: 404 `not_found_error`). It never uses another model instead.',
      source: ['D:errors', 'H1'],
      fixtures: ['model-unknown', 'cheap'],
      judge: unknownModel,
    },
    {
      id: 'req.messages.required',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server rejects a request without `messages` as a client error (documented: 400 `invalid_request_error`).',
      source: ['S1', 'H3'],
      fixtures: ['messages-missing', 'messages-missing-plain', 'cheap'],
      judge: viaSdkOrRawHttp(rejected(), { whole: 'messages-missing', part: 'messages-missing-plain' }),
    },
    {
      id: 'req.messages.empty',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server rejects a `messages` that is empty or not an array as a client error (documented: 400 `invalid_request_error`).',
      source: ['H3', 'H5'],
      fixtures: ['messages-empty', 'messages-string', 'messages-object', 'messages-null', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.messages.role-required',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a message without `role` as a client error (documented: 400 `invalid_request_error`).',
      source: ['H3'],
      fixtures: ['role-missing', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.messages.role-unknown',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server rejects an unknown `role`, such as "tool" or "developer", as a client error (documented: 400). It never drops the message; reading it as another role is only discouraged.',
      source: ['S1', 'H3'],
      fixtures: ['role-tool', 'role-developer', 'role-function', 'cheap'],
      judge: unlessMessageArrives(rejected({ silent: true })),
    },
    {
      id: 'req.messages.content-required',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a message whose `content` is missing, null or a number as a client error (documented: 400 `invalid_request_error`).',
      source: ['H3'],
      fixtures: ['content-missing', 'content-null', 'content-number', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.max-tokens.required',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The server rejects a request without `max_tokens` as a client error (documented: 400 `invalid_request_error`).',
      source: ['S1', 'H5'],
      fixtures: ['max-tokens-missing', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.max-tokens.type',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a `max_tokens` that is a string, a fraction, null or negative as a client error (documented: 400).',
      source: ['H3'],
      fixtures: ['max-tokens-string', 'max-tokens-fraction', 'max-tokens-null', 'max-tokens-negative', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.max-tokens.over-limit',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a `max_tokens` far above the maximum of the model as a client error (documented: 400 `invalid_request_error`). It does not lower it silently.',
      source: ['H1', 'H5'],
      fixtures: ['max-tokens-huge', 'cheap'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'req.max-tokens.enforced',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply never exceeds `max_tokens`, neither in `usage.output_tokens` nor in its text.',
      source: ['S1', 'D:stop'],
      fixtures: ['counting-five-tokens'],
      judge: each(limited, overLimit, { nothing: 'No reply of this run counts its output tokens' }),
    },
  ],
};

/** Any client error is fine: gateways answer 401 or 403 for models that a key may not use. */
function unknownModel(evidence: Evidence): Judgement {
  const asked = evidence.of('model-unknown');
  const answered = asked.filter((exchange) => !askedToWait(exchange));
  const nothing = noAnswer(answered.length > 0 ? answered : asked, evidence);
  if (nothing !== null) return nothing;
  const untested = controlTrouble(evidence, answered);
  if (untested !== null) return untested;
  const findings: Finding[] = [];
  for (const exchange of answered) {
    if (status(exchange) >= 400 && status(exchange) < 500 && status(exchange) !== 408) continue;
    const message = succeeded(exchange)
      ? 'An unknown `model` is accepted; the client believes that it uses the model that it named.'
      : 'An unknown `model` is not rejected as a client error.';
    findings.push(finding(exchange, message, 'HTTP 404 not_found_error', answer(exchange), { pointer: '/model' }));
  }
  return verdictOf(findings, answered.some(succeeded));
}

/** `max_tokens` of a request, if its reply has to keep to it. Several rounds of server tools may exceed it together. */
function limited(exchange: Exchange): { limit: number } | null {
  const message = messageOf(exchange);
  const limit = get(exchange.sent, 'max_tokens');
  if (message === null || typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) return null;
  return blocks(message, 'server_tool_use').length > 0 ? null : { limit };
}

function overLimit({ limit }: { limit: number }, exchange: Exchange): Finding[] {
  const output = get(exchange.message, 'usage', 'output_tokens');
  if (typeof output === 'number' && output > limit) {
    return [
      finding(
        exchange,
        '`usage.output_tokens` exceeds `max_tokens`.',
        `${limit} output tokens or fewer`,
        `${output} output tokens`,
        { pointer: '/usage/output_tokens' },
      ),
    ];
  }
  // No tokenizer encodes forty numbers as five tokens, whatever `usage` reports.
  if (exchange.fixture === 'counting-five-tokens' && inOrder(text(exchange.message), [/\b20\b/, /\b30\b/, /\b40\b/])) {
    return [
      finding(exchange, '`max_tokens` has no effect: the text counts on to 40.', '5 tokens', replyText(exchange)),
    ];
  }
  return [];
}

/**
 * A warning where nothing is lost: no official client can send such a role, and the accepted message has as many input tokens as under a
 * documented role. A message that is dropped has fewer.
 */
function unlessMessageArrives(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const control = inputOf(evidence.of('cheap').find(succeeded));
    const asked = evidence.own.filter(({ fixture, id }) => fixture !== 'cheap' && isNamed(judgement.findings, id));
    const arrives = asked.every((exchange) => {
      const own = inputOf(exchange);
      return succeeded(exchange) && own !== null && control !== null && own >= control;
    });
    return arrives ? deviates(judgement.findings) : judgement;
  };
}

const isNamed = (findings: readonly Finding[], id: string): boolean => findings.some(({ exchange }) => exchange === id);

const inputOf = (exchange: Exchange | undefined): number | null => totalInput(get(exchange?.message, 'usage'));
