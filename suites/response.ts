import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { text } from '../core/message.js';
import { STOP_REASONS } from '../core/protocol.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, notObserved, schemaFindings, verdictOf } from './judging/outcomes.js';
import {
  absenceDeviates,
  asksForThinking,
  completeMessage,
  declaresTools,
  firstFew,
  isCount,
  jsonMessage,
  messageOf,
  REPEATED,
} from './judging/views.js';
import { isKnownBlock } from './stream/block-types.js';

export const response: Suite = {
  name: 'response',
  title: 'the Message that comes back: its fields and their values',
  requirements: [
    {
      id: 'resp.type-role',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply is of type message and has the role assistant.',
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
      statement: 'Every reply has an id of its own, a string that is not empty.',
      source: ['S1', 'T:msg'],
      fixtures: REPEATED,
      judge: ids,
    },
    {
      id: 'resp.model',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply names the model that gave it, in a string that is not empty.',
      source: ['S1', 'H1'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, (message, exchange) => nonEmpty(exchange, message, 'model')),
    },
    {
      id: 'resp.content.array',
      level: 'MUST',
      profile: 'core',
      statement: 'The content of a reply is an array, possibly empty, of objects whose type the protocol knows.',
      source: ['S1', 'T:msg'],
      fixtures: ['minimal'],
      judge: each(messageOf, contentFaults),
    },
    {
      id: 'resp.content.text-shape',
      level: 'MUST',
      profile: 'core',
      statement: 'A text block has its text as a string; citations beside it are absent, null or an array.',
      source: ['S1', 'T:msg'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, textFaults),
    },
    {
      id: 'resp.stop-reason.enum',
      level: 'MUST',
      profile: 'core',
      statement:
        'A finished reply has one of the documented stop reasons, and neither null nor a value of another protocol.',
      source: ['S1', 'D:stop'],
      fixtures: ['minimal'],
      judge: each(completeMessage, (message, exchange) =>
        (STOP_REASONS as readonly unknown[]).includes(message.stop_reason)
          ? []
          : [
              finding(
                exchange,
                'The stop reason is none that a client knows: it cannot tell whether to go on.',
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
      statement: 'The field stop_sequence is there, and null unless a stop sequence ended the reply.',
      source: ['S1', 'D:ref'],
      fixtures: ['minimal'],
      judge: absenceDeviates(
        each(
          (exchange) => {
            const message = jsonMessage(exchange);
            return message?.stop_reason === 'stop_sequence' ? null : message;
          },
          (message, exchange) =>
            message.stop_sequence === null
              ? []
              : [
                  finding(
                    exchange,
                    message.stop_sequence === undefined
                      ? 'stop_sequence is missing.'
                      : 'stop_sequence names a sequence that, by the stop reason, did not end the reply.',
                    'null',
                    quote(message.stop_sequence),
                    { pointer: '/stop_sequence' },
                  ),
                ],
        ),
      ),
    },
    {
      id: 'resp.usage.ints',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply has a usage with input_tokens and output_tokens, both integers of zero or more.',
      source: ['S1', 'T:msg'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, (message, exchange) =>
        ['input_tokens', 'output_tokens'].flatMap((key) => {
          const value = get(message.usage, key);
          if (isCount(value)) return [];
          return [
            finding(
              exchange,
              `usage.${key} is ${value === undefined ? 'missing' : 'no token count'}: clients that read it fail or count wrongly.`,
              'an integer of zero or more',
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
      statement: 'A reply carries no fields of the chat completions protocol: choices, object, created, finish_reason.',
      source: ['S1'],
      fixtures: ['minimal'],
      judge: each(messageOf, (message, exchange) => {
        const foreign = ['choices', 'object', 'created', 'finish_reason'].filter((key) => Object.hasOwn(message, key));
        if (foreign.length === 0) return [];
        return [
          finding(exchange, 'The reply carries fields of another protocol.', 'none of them', foreign.join(', '), {
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
        'The fields container, diagnostics and stop_details are absent, null or well formed, and stop_details is there for refusals alone.',
      source: ['T:msg', 'D:stop', 'D:refusal'],
      fixtures: ['minimal'],
      judge: each(completeMessage, optionalFaults),
    },
    {
      id: 'resp.thinking-not-leaked',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'When neither thinking nor tools were asked for, the text of a reply holds none of the marks that models put around their reasoning.',
      source: ['D:think'],
      fixtures: ['product'],
      judge: each(
        (exchange) => {
          const message = messageOf(exchange);
          // A prompt that speaks of such marks may get them back, and models may plan a call aloud.
          const prompted = REASONING_MARK.test(exchange.request.body ?? '');
          const silent = message === null || text(message) === '';
          return silent || prompted || asksForThinking(exchange) || declaresTools(exchange) ? null : message;
        },
        (message, exchange) => {
          const mark = REASONING_MARK.exec(text(message));
          if (mark === null) return [];
          return [
            finding(
              exchange,
              "The model's reasoning stands in the text of the reply.",
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

/** Marks of the chat templates of open models; nobody writes them in plain prose. */
export const REASONING_MARK =
  /<\/?(think|thinking|thought|reasoning)>|\[\/?THINK\]|◁\/?think▷|<\|channel\|>\s*analysis/i;

function constant(exchange: Exchange, message: JsonObject, key: string, value: string): Finding[] {
  if (message[key] === value) return [];
  return [
    finding(exchange, `The ${key} of the reply is not ${value}.`, quote(value), quote(message[key]), {
      pointer: `/${key}`,
    }),
  ];
}

function nonEmpty(exchange: Exchange, message: JsonObject, key: string): Finding[] {
  if (typeof message[key] === 'string' && message[key] !== '') return [];
  return [
    finding(exchange, `The reply has no ${key}.`, 'a string that is not empty', quote(message[key]), {
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
          `Two replies have the same id: ${earlier.id} had it before.`,
          'an id of its own',
          quote(message.id),
          { pointer: '/id' },
        ),
      );
    }
  }
  if (shown === 0) return noAnswer(evidence.own) ?? notObserved('no reply came');
  return verdictOf(findings);
}

function contentFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const { content } = message;
  if (!Array.isArray(content)) {
    return [
      finding(exchange, 'The content of the reply is no array.', 'an array of content blocks', quote(content), {
        pointer: '/content',
      }),
    ];
  }
  return firstFew(
    content.flatMap((block, index) => {
      const type = get(block, 'type');
      if (isObject(block) && isKnownBlock(type)) return [];
      return [
        finding(
          exchange,
          'A content block is of no known type: clients pass over it.',
          'an object with a type such as text or tool_use',
          quote(isObject(block) ? type : block),
          { pointer: `/content/${index}${isObject(block) ? '/type' : ''}` },
        ),
      ];
    }),
  );
}

function textFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const content = Array.isArray(message.content) ? message.content : [];
  return firstFew(
    content.flatMap((block, index) => {
      if (!isObject(block) || block.type !== 'text') return [];
      const faults: Finding[] = [];
      if (typeof block.text !== 'string') {
        faults.push(
          finding(exchange, 'A text block has no text.', 'text: a string', quote(block.text), {
            pointer: `/content/${index}/text`,
          }),
        );
      }
      const { citations } = block;
      if (citations !== undefined && citations !== null && !Array.isArray(citations)) {
        faults.push(
          finding(exchange, 'The citations of a text block are no array.', 'null or an array', quote(citations), {
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
        ...LEAST,
        ...Object.fromEntries(OPTIONAL.filter((key) => Object.hasOwn(message, key)).map((key) => [key, message[key]])),
      })
      // The list of policy areas may grow.
      .filter(
        ({ pointer }) =>
          pointer !== '/stop_details/category' || typeof get(message.stop_details, 'category') !== 'string',
      ),
  );
  if (isObject(message.stop_details) && message.stop_reason !== 'refusal') {
    findings.push(
      finding(
        exchange,
        'stop_details describes a refusal that, by the stop reason, did not happen.',
        'null, or no stop_details',
        quote(message.stop_details),
        { pointer: '/stop_details' },
      ),
    );
  }
  return firstFew(findings);
}

/** A message without fault, so that only the optional fields beside it are judged. */
const LEAST: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: 'refusal',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};
