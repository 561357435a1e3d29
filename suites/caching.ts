import { succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { totalInput } from '../core/message.js';
import type { Evidence, Finding, Judgement, Place, Suite } from '../core/requirement.js';
import { SESSION, servedInSession } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { whereTaken } from './judging/feature-gates.js';
import { accepted, each, rejected } from './judging/judges.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf } from './judging/outcomes.js';
import { worst } from './judging/tool-views.js';
import { completeMessage, isCount, readStream } from './judging/views.js';

/** Marks on every kind of block are tried at once with the times that a mark may have. */
const FOUR = { among: 'cache-four', alone: 'cache-four-plain' };
const HOUR = { among: 'cache-four', alone: 'cache-hour' };
const BAD_MARKS = ['cache-control-ttl', 'cache-control-type'];

export const caching: Suite = {
  name: 'caching',
  title: 'marks for the prompt cache, and that they have an effect',
  requirements: [
    {
      id: 'cache.accepted.everywhere',
      level: 'MUST',
      profile: 'agent',
      statement:
        'Cache marks on tools, on the system prompt, on messages and on tool results are served; a server without a cache ignores them.',
      source: ['T:msg', 'CC'],
      fixtures: [...SESSION, 'cache-four-plain'],
      judge: servedInSession('cache-four-plain'),
    },
    {
      id: 'cache.ttl',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        'Cache marks for 5m and for 1h are served; another time, or a mark of another type, is refused as a client error (400 documented).',
      source: ['T:msg', 'D:cache'],
      fixtures: ['cache-four', 'cache-hour', ...BAD_MARKS],
      judge: (evidence) => {
        const bad = BAD_MARKS.flatMap((id) => evidence.of(id));
        const times = bundled([HOUR])(evidence);
        return bad.length === 0 ? times : worst(times, rejected()({ ...evidence, own: bad }));
      },
    },
    {
      id: 'cache.four-breakpoints',
      level: 'SHOULD',
      profile: 'caching',
      statement: 'Four cache marks are served, five are refused as a client error (400 documented).',
      source: ['D:cache', 'H5'],
      fixtures: ['cache-four', 'cache-four-plain', 'cache-five'],
      judge: whereTaken('caching', ['cache-four', 'cache-four-plain'], (evidence) =>
        worst(bundled([FOUR])(evidence), rejected()({ ...evidence, own: evidence.of('cache-five') })),
      ),
    },
    {
      id: 'cache.write-then-read',
      level: 'MUST',
      profile: 'caching',
      statement:
        'A long marked prompt is counted as written to the cache, or read from it, and as read when it comes again.',
      source: ['D:cache'],
      fixtures: ['cache-long'],
      judge: writtenThenRead,
    },
    {
      id: 'cache.usage.fields',
      level: 'MUST',
      profile: 'caching',
      statement:
        'The usage of replies to marked prompts, and of message_start, tells both cache counts as integers of zero or more.',
      source: ['D:cache', 'T:msg'],
      fixtures: ['cache-four', 'cache-four-plain'],
      judge: each(
        (exchange) => (isMarked(exchange.sent) ? completeMessage(exchange) : null),
        (message, exchange) => usagesOf(message, exchange).flatMap((told) => countFaults(told, exchange)),
        { nothing: 'no prompt with a cache mark was answered in this run', silent: true },
      ),
    },
    {
      id: 'cache.usage.sum',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        'Where usage tells what was written for five minutes and for an hour, both add up to what was written.',
      source: ['D:cache', 'T:msg'],
      fixtures: ['cache-long'],
      judge: each(
        (exchange) => {
          const { usage } = completeMessage(exchange) ?? {};
          return isObject(usage) && isCount(usage[CREATED]) && isObject(usage.cache_creation) ? usage : null;
        },
        (usage, exchange) => {
          const parts = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'].map((key) =>
            get(usage.cache_creation, key),
          );
          const sum = parts.reduce<number>((all, part) => all + (isCount(part) ? part : 0), 0);
          if (sum === usage[CREATED]) return [];
          return [
            finding(
              exchange,
              'What was written for five minutes and for an hour does not add up to what was written.',
              `${quote(usage[CREATED])} tokens, as ${CREATED}`,
              quote(usage.cache_creation),
              { pointer: '/usage/cache_creation' },
            ),
          ];
        },
        { nothing: 'no reply of this run splits what was written to the cache' },
      ),
    },
    {
      id: 'cache.usage.input-excludes',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        'The count input_tokens holds what stands behind the last cache mark alone, not what was written or read.',
      source: ['D:cache'],
      fixtures: ['cache-long'],
      judge: each(
        (exchange) => {
          const message = exchange.fixture === 'cache-long' ? completeMessage(exchange) : null;
          return isCount(get(message?.usage, 'input_tokens')) && cached(message) > 0 ? message : null;
        },
        (message, exchange) => {
          const input = get(message.usage, 'input_tokens') as number;
          // Behind the mark stand ten words; caches that work in blocks leave up to a block of what is before it.
          if (input * 4 <= cached(message)) return [];
          return [
            finding(
              exchange,
              'Cached tokens are counted in input_tokens as well: clients that add them up count them twice.',
              `few input_tokens beside ${cached(message)} cached ones`,
              quote(message.usage),
              { pointer: '/usage/input_tokens' },
            ),
          ];
        },
        { nothing: 'no reply of this run counts cached tokens of the long prompt', silent: true },
      ),
    },
    {
      id: 'cache.top-level',
      level: 'SHOULD',
      profile: 'caching',
      statement: 'A cache mark for the whole request, beside its messages, is served.',
      source: ['T:msg', 'D:cache'],
      fixtures: ['cache-prewarm', 'cache-top-level'],
      judge: bundled([{ among: 'cache-prewarm', alone: 'cache-top-level' }]),
    },
    {
      id: 'cache.prewarm',
      level: 'MAY',
      profile: 'caching',
      statement: 'With max_tokens 0 a long marked prompt is written to the cache, and the reply has no content.',
      source: ['D:cache', 'H1'],
      fixtures: ['cache-prewarm', 'cache-prewarm-marked'],
      judge: prewarmed,
    },
    {
      id: 'req.max-tokens.zero',
      level: 'MAY',
      profile: 'caching',
      statement:
        'With max_tokens 0 a request is refused as a client error (400 documented), or its reply has no content, the stop reason max_tokens and its usage.',
      source: ['D:cache', 'H1', 'O24'],
      fixtures: ['cache-prewarm', 'cache-prewarm-marked'],
      judge: emptyOrRefused,
    },
  ],
};

const CREATED = 'cache_creation_input_tokens';
const READ = 'cache_read_input_tokens';

/** Whether a request holds a cache mark anywhere. */
function isMarked(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(isMarked);
  if (!isObject(value)) return false;
  return isObject(get(value, 'cache_control')) || Object.values(value).some(isMarked);
}

const count = (message: unknown, key: string): number => {
  const value = get(message, 'usage', key);
  return isCount(value) ? value : 0;
};

const cached = (message: unknown): number => count(message, CREATED) + count(message, READ);

interface ToldUsage {
  usage: Json | undefined;
  at: Place;
}

/** The usage of the whole reply, and that with which its stream began. */
function usagesOf(message: JsonObject, exchange: Exchange): ToldUsage[] {
  const [start] = readStream(exchange)?.byKind.get('message_start') ?? [];
  const whole = { usage: message.usage, at: { pointer: '/usage' } };
  if (start === undefined) return [whole];
  const at = { event: start.number, offset: start.frame.offset, pointer: '/message/usage' };
  return [{ usage: get(start.data, 'message', 'usage'), at }, whole];
}

function countFaults({ usage, at }: ToldUsage, exchange: Exchange): Finding[] {
  return [CREATED, READ].flatMap((key) => {
    const value = get(usage, key);
    if (isCount(value)) return [];
    const where = at.event === undefined ? 'The reply' : 'message_start';
    return [
      finding(
        exchange,
        `${where} to a marked prompt does not tell ${key}: nobody can see whether the cache works.`,
        'an integer of zero or more',
        quote(value),
        { ...at, pointer: `${at.pointer ?? ''}/${key}` },
      ),
    ];
  });
}

function writtenThenRead(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  const [first, second] = [1, 2].map((turn) =>
    evidence.own.findLast((exchange) => exchange.turn === turn && exchange.message !== null),
  );
  if (first === undefined || second === undefined) return notObserved('the long prompt was not answered a second time');
  const findings: Finding[] = [];
  if (cached(first.message) === 0) {
    findings.push(
      finding(
        first,
        'A long marked prompt is served, and neither written to a cache nor read from it: the mark has no effect.',
        `${CREATED} above zero`,
        quote(get(first.message, 'usage')),
        { pointer: `/usage/${CREATED}` },
      ),
    );
  }
  if (count(second.message, READ) === 0) {
    findings.push(
      finding(
        second,
        'The long marked prompt comes again, and nothing of it is read from a cache.',
        `${READ} above zero`,
        quote(get(second.message, 'usage')),
        { pointer: `/usage/${READ}` },
      ),
    );
  }
  return verdictOf(findings, true);
}

/** The pre-warming request in the form that was served; in the last form tried where none was. */
function prewarms(evidence: Evidence): readonly Exchange[] {
  const [whole, marked] = ['cache-prewarm', 'cache-prewarm-marked'].map((id) => evidence.of(id));
  return whole?.some(succeeded) || marked === undefined || marked.length === 0 ? (whole ?? []) : marked;
}

function prewarmed(evidence: Evidence): Judgement {
  const own = prewarms(evidence);
  const judgement = accepted()({ ...evidence, own });
  if (judgement.outcome !== 'satisfied') return judgement;
  return verdictOf(
    own.flatMap((exchange) => {
      const faults = contentFaults(exchange);
      if (cached(exchange.message) > 0) return faults;
      return [
        ...faults,
        finding(
          exchange,
          'A request that only fills the cache is served, and writes nothing.',
          `${CREATED} or ${READ} above zero`,
          quote(get(exchange.message, 'usage')),
          { pointer: '/usage' },
        ),
      ];
    }),
    true,
  );
}

function contentFaults(exchange: Exchange): Finding[] {
  const content = get(exchange.message, 'content');
  if (Array.isArray(content) && content.length === 0) return [];
  const fault = 'With max_tokens 0 the reply has content.';
  return [finding(exchange, fault, 'content []', quote(content), { pointer: '/content' })];
}

function emptyOrRefused(evidence: Evidence): Judgement {
  const own = prewarms(evidence);
  const judgement = accepted()({ ...evidence, own });
  if (judgement.outcome === 'rejected')
    return satisfied(`refused, which is legal: ${judgement.findings[0]?.actual ?? ''}`);
  if (judgement.outcome !== 'satisfied') return judgement;
  if (own.every(({ message }) => get(message, 'stop_reason') === 'refusal'))
    return inconclusive('a classifier declined the prompt before max_tokens could matter');
  return verdictOf(
    own.flatMap((exchange) => {
      const reason = get(exchange.message, 'stop_reason');
      const faults = contentFaults(exchange);
      if (reason !== 'max_tokens') {
        const fault = 'With max_tokens 0 the reply ends for another reason.';
        faults.push(finding(exchange, fault, '"max_tokens"', quote(reason), { pointer: '/stop_reason' }));
      }
      if (totalInput(get(exchange.message, 'usage')) === null) {
        const usage = get(exchange.message, 'usage');
        const fault = 'With max_tokens 0 the reply does not count its input.';
        faults.push(finding(exchange, fault, 'usage with input_tokens', quote(usage), { pointer: '/usage' }));
      }
      return faults;
    }),
  );
}
