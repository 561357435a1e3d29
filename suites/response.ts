import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { text } from '../core/message.js';
import { isStopReason, STOP_REASONS } from '../core/protocol.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { blocksAreKnown } from './judging/known-blocks.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, notObserved, schemaFindings, verdictOf } from './judging/outcomes.js';
import { namesItsSequence } from './judging/stop-sequences.js';
import { callerFaults } from './judging/tool-views.js';
import {
  absenceDeviates,
  asksForThinking,
  completeMessage,
  declaresTools,
  firstFew,
  isCount,
  jsonMessage,
  markAbsent,
  messageOf,
  REPEATED,
} from './judging/views.js';

export const response: Suite = {
  name: 'response',
  title: 'the Message of a reply: its fields and their values',
  requirements: [
    {
      id: 'resp.type-role',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply has `type` "message" and `role` "assistant".',
      source: ['S1', 'T:msg'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, (message, exchange) => [
        ...constant(exchange, message, 'type', 'message'),
        ...constant(exchange, message, 'role', 'assistant'),
      ]),
    },
    {
      id: 'resp.id',
      level: 'MUST',
      profile: 'core',
      statement: '`id` of a reply is a unique, non-empty string.',
      source: ['S1', 'T:msg'],
      fixtures: REPEATED,
      judge: ids,
    },
    {
      id: 'resp.model',
      level: 'MUST',
      profile: 'core',
      statement: '`model` of a reply is a non-empty string: the model that generated it.',
      source: ['S1', 'H1'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, (message, exchange) => nonEmpty(exchange, message, 'model')),
    },
    {
      id: 'resp.content.array',
      level: 'MUST',
      profile: 'core',
      statement: '`content` of a reply is an array of objects with a documented `type`; it may be empty.',
      source: ['S1', 'T:msg'],
      fixtures: ['minimal'],
      judge: blocksAreKnown,
    },
    {
      id: 'resp.content.text-shape',
      level: 'MUST',
      profile: 'core',
      statement: '`text` of a text block is a string; `citations` is absent, `null` or an array.',
      source: ['S1', 'T:msg'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, textFaults),
    },
    {
      id: 'resp.stop-reason.enum',
      level: 'MUST',
      profile: 'core',
      statement:
        '`stop_reason` of a finished reply is a documented value, never `null` or a value of another protocol.',
      source: ['S1', 'D:stop'],
      fixtures: ['minimal'],
      judge: each(completeMessage, (message, exchange) =>
        isStopReason(message.stop_reason)
          ? []
          : [
              finding(
                exchange,
                '`stop_reason` is not a documented value; clients cannot tell how to continue.',
                STOP_REASONS.slice(0, 7).join(', '),
                quote(message.stop_reason),
                { pointer: '/stop_reason' },
              ),
            ],
      ),
    },
    {
      id: 'resp.stop-sequence.null',
      level: 'MUST',
      profile: 'core',
      statement: '`stop_sequence` is present, and `null` unless a stop sequence ended the reply.',
      source: ['S1', 'D:ref'],
      fixtures: ['minimal'],
      judge: absenceDeviates(
        each(
          (exchange) => {
            const message = jsonMessage(exchange);
            // A reply that names its own sequence has the wrong stop_reason, which stop.sequence.reason judges.
            return message === null || message.stop_reason === 'stop_sequence' || namesItsSequence(message, exchange)
              ? null
              : message;
          },
          (message, exchange) =>
            message.stop_sequence === null
              ? []
              : [
                  markAbsent(
                    finding(
                      exchange,
                      message.stop_sequence === undefined
                        ? '`stop_sequence` is missing.'
                        : '`stop_sequence` names a sequence, but `stop_reason` is not "stop_sequence".',
                      'null',
                      quote(message.stop_sequence),
                      { pointer: '/stop_sequence' },
                    ),
                    message.stop_sequence,
                  ),
                ],
        ),
      ),
    },
    {
      id: 'resp.usage.ints',
      level: 'MUST',
      profile: 'core',
      statement: '`usage.input_tokens` and `usage.output_tokens` of a reply are integers of 0 or more.',
      source: ['S1', 'T:msg'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, (message, exchange) =>
        ['input_tokens', 'output_tokens'].flatMap((key) => {
          const value = get(message.usage, key);
          if (isCount(value)) return [];
          return [
            finding(
              exchange,
              `\`usage.${key}\` is ${value === undefined ? 'missing' : 'not a token count'}; clients that read it fail or count wrongly.`,
              'an integer of 0 or more',
              quote(value),
              { pointer: `/usage/${key}` },
            ),
          ];
        }),
      ),
    },
    {
      id: 'resp.no-foreign-fields',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'A reply has no fields of the chat completions protocol: `choices`, `object`, `created`, `finish_reason`.',
      source: ['S1'],
      fixtures: ['minimal'],
      judge: each(messageOf, (message, exchange) => {
        const foreign = ['choices', 'object', 'created', 'finish_reason'].filter((key) => Object.hasOwn(message, key));
        if (foreign.length === 0) return [];
        return [
          finding(exchange, 'The reply has fields of another protocol.', 'no such fields', foreign.join(', '), {
            pointer: `/${foreign[0]}`,
          }),
        ];
      }),
    },
    {
      id: 'resp.optional.null-or-valid',
      level: 'SHOULD',
      profile: 'core',
      statement:
        '`container`, `diagnostics`, `stop_details` and the `caller` of a tool call are absent, `null` or as documented; `stop_details` occurs only with `stop_reason` "refusal".',
      source: ['T:msg', 'D:stop', 'D:refusal'],
      fixtures: ['minimal'],
      judge: each(completeMessage, optionalFaults),
    },
    {
      id: 'resp.cache.not-stale',
      level: 'MUST',
      profile: 'core',
      statement: 'The server answers every request itself: it does not send the stored reply to a different request.',
      source: ['S1', 'X'],
      fixtures: [],
      judge: isFresh,
    },
    {
      id: 'resp.thinking-not-leaked',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'For a request without thinking and tools, the text of the reply has no markers of model reasoning such as <think>.',
      source: ['D:think'],
      fixtures: ['product'],
      judge: each(
        (exchange) => {
          const message = messageOf(exchange);
          // A model may repeat markers of the prompt, and may plan a tool call in its text.
          const prompted = REASONING_MARK.test(exchange.request.body ?? '');
          const isEmpty = message === null || text(message) === '';
          return isEmpty || prompted || asksForThinking(exchange) || declaresTools(exchange) ? null : message;
        },
        (message, exchange) => {
          const mark = REASONING_MARK.exec(text(message));
          if (mark === null) return [];
          return [
            finding(
              exchange,
              'The text contains model reasoning; users read it as the answer.',
              'text without reasoning',
              quote(text(message).slice(Math.max(0, mark.index - 20), mark.index + 80)),
              { pointer: '/content' },
            ),
          ];
        },
        { silent: true },
      ),
    },
  ],
};

/** Markers in the chat templates of open models. They do not occur in ordinary text. */
export const REASONING_MARK =
  /<\/?(think|thinking|thought|reasoning)>|\[\/?THINK\]|◁\/?think▷|<\|channel\|>\s*analysis/i;

function constant(exchange: Exchange, message: JsonObject, key: string, value: string): Finding[] {
  if (message[key] === value) return [];
  return [
    finding(exchange, `\`${key}\` of the reply is not "${value}".`, quote(value), quote(message[key]), {
      pointer: `/${key}`,
    }),
  ];
}

function nonEmpty(exchange: Exchange, message: JsonObject, key: string): Finding[] {
  if (typeof message[key] === 'string' && message[key] !== '') return [];
  return [
    finding(exchange, `\`${key}\` of the reply is not a non-empty string.`, 'a non-empty string', quote(message[key]), {
      pointer: `/${key}`,
    }),
  ];
}

function ids(evidence: Evidence): Judgement {
  const first = new Map<string, Exchange>();
  const findings: Finding[] = [];
  let shown = 0;
  for (const exchange of evidence.all) {
    const message = messageOf(exchange);
    if (message === null) continue;
    shown += 1;
    if (exchange.stream === null) findings.push(...nonEmpty(exchange, message, 'id'));
    if (typeof message.id !== 'string' || message.id === '') continue;
    const earlier = first.get(message.id);
    if (earlier === undefined) first.set(message.id, exchange);
    else {
      findings.push(
        finding(
          exchange,
          `\`id\` of the reply is not unique: ${earlier.id} has the same.`,
          'a unique id',
          quote(message.id),
          { pointer: '/id' },
        ),
      );
    }
  }
  if (shown === 0) return noAnswer(evidence.own, evidence) ?? notObserved('No request of this run got a reply');
  return verdictOf(findings);
}

function textFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const content = Array.isArray(message.content) ? message.content : [];
  return firstFew(
    content.flatMap((block, index) => {
      if (!isObject(block) || block.type !== 'text') return [];
      const faults: Finding[] = [];
      if (typeof block.text !== 'string') {
        faults.push(
          finding(exchange, '`text` of a text block is not a string.', 'a string', quote(block.text), {
            pointer: `/content/${index}/text`,
          }),
        );
      }
      const { citations } = block;
      if (citations !== undefined && citations !== null && !Array.isArray(citations)) {
        faults.push(
          finding(exchange, '`citations` of a text block is not an array.', 'null or an array', quote(citations), {
            pointer: `/content/${index}/citations`,
          }),
        );
      }
      return faults;
    }),
  );
}

const OPTIONAL = ['container', 'diagnostics', 'stop_details'];

function optionalFaults(message: JsonObject, exchange: Exchange, evidence: Evidence): Finding[] {
  const findings = schemaFindings(
    exchange,
    evidence
      .violations('message', {
        ...VALID,
        ...Object.fromEntries(OPTIONAL.filter((key) => Object.hasOwn(message, key)).map((key) => [key, message[key]])),
      })
      // `category` may get new values.
      .filter(
        ({ pointer }) =>
          pointer !== '/stop_details/category' || typeof get(message.stop_details, 'category') !== 'string',
      ),
  );
  if (isObject(message.stop_details) && message.stop_reason !== 'refusal') {
    findings.push(
      finding(
        exchange,
        '`stop_details` is set, but `stop_reason` is not "refusal".',
        'null or absent',
        quote(message.stop_details),
        { pointer: '/stop_details' },
      ),
    );
  }
  return firstFew([...findings, ...callerFaults(message, exchange)]);
}

/** A valid message, so that only the optional fields are judged. */
const VALID: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: 'refusal',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};

/** Copies for the same request are a choice of the server; no requirement takes them as evidence. */
function isFresh({ all, copies }: Evidence): Judgement {
  const replies = all.filter((exchange) => messageOf(exchange) !== null && exchange.header('request-id'));
  if (replies.length < 2 && copies.length === 0) {
    return notObserved('No two replies have a `request-id`, by which a stored reply could be told from a new one');
  }
  const stale = copies.filter(({ isSameRequest }) => !isSameRequest);
  return verdictOf(
    stale.map(({ exchange, original }) => ({
      ...finding(
        exchange,
        `The reply is a copy of the one to ${original.id}, a different request; the client gets the answer to a question that it did not ask.`,
        'a reply of its own, with a new `id` and `request-id`',
        `id ${quote(get(exchange.message, 'id'))}, request-id ${quote(exchange.header('request-id'))}, as in ${original.id}`,
        { header: 'request-id' },
      ),
      comparedWith: original.id,
    })),
    true,
  );
}
