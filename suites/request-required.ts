import { answer, askedToWait, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get } from '../core/json.js';
import { blocks, text } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { inOrder } from '../core/text.js';
import { viaSdkOrRawHttp } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, verdictOf } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import { messageOf } from './judging/views.js';

export const requestRequired: Suite = {
  name: 'request-required',
  title: 'the fields that no request is complete without: model, messages, max_tokens',
  requirements: [
    {
      id: 'req.model.required',
      level: 'MUST',
      profile: 'core',
      statement:
        'A model that is missing, empty, null or no string is refused as a client error (400 invalid_request_error documented).',
      source: ['S1', 'H3', 'H5', 'O24'],
      fixtures: ['model-missing', 'model-empty', 'model-null', 'model-number', 'cheap'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'req.model.unknown',
      level: 'MUST',
      profile: 'errors',
      statement:
        'A model that nobody has is refused as a client error (404 not_found_error documented), never replaced by another one.',
      source: ['D:errors', 'H1'],
      fixtures: ['model-unknown', 'cheap'],
      judge: unknownModel,
    },
    {
      id: 'req.messages.required',
      level: 'MUST',
      profile: 'core',
      statement: 'A request without messages is refused as a client error (400 invalid_request_error documented).',
      source: ['S1', 'H3'],
      fixtures: ['messages-missing', 'messages-missing-plain', 'cheap'],
      judge: viaSdkOrRawHttp(rejected(), { among: 'messages-missing', alone: 'messages-missing-plain' }),
    },
    {
      id: 'req.messages.empty',
      level: 'MUST',
      profile: 'core',
      statement:
        'Messages that are an empty list, or no list, are refused as a client error (400 invalid_request_error documented).',
      source: ['H3', 'H5'],
      fixtures: ['messages-empty', 'messages-string', 'messages-object', 'messages-null', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.messages.role-required',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A message without role is refused as a client error (400 invalid_request_error documented).',
      source: ['H3'],
      fixtures: ['role-missing', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.messages.role-unknown',
      level: 'MUST',
      profile: 'core',
      statement:
        'A role that the protocol does not have, such as tool or developer, is refused as a client error (400 documented).',
      source: ['S1', 'H3'],
      fixtures: ['role-tool', 'role-developer', 'role-function', 'cheap'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'req.messages.content-required',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A message whose content is missing, null or a number is refused as a client error (400 invalid_request_error documented).',
      source: ['H3'],
      fixtures: ['content-missing', 'content-null', 'content-number', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.max-tokens.required',
      level: 'MUST',
      profile: 'core',
      statement: 'A request without max_tokens is refused as a client error (400 invalid_request_error documented).',
      source: ['S1', 'H5'],
      fixtures: ['max-tokens-missing', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.max-tokens.type',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A max_tokens that is a string, a fraction, null or a negative number is refused as a client error (400 documented).',
      source: ['H3'],
      fixtures: ['max-tokens-string', 'max-tokens-fraction', 'max-tokens-null', 'max-tokens-negative', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.max-tokens.over-limit',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A max_tokens far above what the model can give is refused as a client error (400 invalid_request_error documented), not cut down in silence.',
      source: ['H1', 'H5'],
      fixtures: ['max-tokens-huge', 'cheap'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'req.max-tokens.enforced',
      level: 'MUST',
      profile: 'core',
      statement: 'No answer is longer than max_tokens: output_tokens stay within it, and so does the text.',
      source: ['S1', 'D:stop'],
      fixtures: ['counting-five-tokens'],
      judge: each(limited, overLimit, { nothing: 'no answer of this run tells its output tokens' }),
    },
  ],
};

/** Any refusal that is about the request will do: gateways answer 401 or 403 for models that a key may not use. */
function unknownModel(evidence: Evidence): Judgement {
  const asked = evidence.of('model-unknown');
  const answered = asked.filter((exchange) => !askedToWait(exchange));
  const nothing = noAnswer(answered.length > 0 ? answered : asked, evidence);
  if (nothing !== null) return nothing;
  const findings: Finding[] = [];
  for (const exchange of answered) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
    if (status(exchange) >= 400 && status(exchange) < 500 && status(exchange) !== 408) continue;
    const message = succeeded(exchange)
      ? 'A model that nobody has is served all the same: the client believes that it talks to the model that it named.'
      : 'A model that nobody has is not refused as a client error.';
    findings.push(finding(exchange, message, 'HTTP 404 not_found_error', answer(exchange), { pointer: '/model' }));
  }
  return verdictOf(findings, answered.some(succeeded));
}

/** The limit of a request, where its answer can be held against it. Rounds of server tools add up beyond one limit. */
function limited(exchange: Exchange): { limit: number } | null {
  const message = messageOf(exchange);
  const limit = get(exchange.sent, 'max_tokens');
  if (message === null || typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) return null;
  return blocks(message, 'server_tool_use').length > 0 ? null : { limit };
}

function overLimit({ limit }: { limit: number }, exchange: Exchange): Finding[] {
  const told = get(exchange.message, 'usage', 'output_tokens');
  if (typeof told === 'number' && told > limit) {
    return [
      finding(
        exchange,
        'More tokens came out than max_tokens allows.',
        `at most ${limit} output tokens`,
        `${told} output tokens`,
        { pointer: '/usage/output_tokens' },
      ),
    ];
  }
  // Forty numbers are no five tokens of any tokenizer, whatever the usage says.
  if (exchange.fixture === 'counting-five-tokens' && inOrder(text(exchange.message), [/\b20\b/, /\b30\b/, /\b40\b/])) {
    return [
      finding(exchange, 'The answer runs on to 40: max_tokens has no effect.', 'five tokens', replyText(exchange)),
    ];
  }
  return [];
}
