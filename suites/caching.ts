import { isAccepted } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { totalInput } from '../core/message.js';
import type { Evidence, Finding, Judgement, Place, Suite } from '../core/requirement.js';
import { acceptedInSession, SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { whereAccepted } from './judging/feature-gates.js';
import { accepted, each, rejected } from './judging/judges.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { worst } from './judging/tool-views.js';
import { completeMessage, firstFew, isCount, readStream } from './judging/views.js';
import { kindOf } from './stream/block-types.js';

/** Fewest input tokens of the other replies. */
const leastInput = ({ all }: Evidence, besides: Exchange): number => {
  const counts = all
    .filter((exchange) => exchange !== besides)
    .map((exchange) => totalInput(completeMessage(exchange)?.usage) ?? 0)
    .filter((count) => count > 0);
  return counts.length === 0 ? 0 : Math.min(...counts);
};

/** One request sets `cache_control` on every kind of block, with each documented `ttl`. */
const FOUR = { whole: 'cache-four', part: 'cache-four-plain' };
const HOUR = { whole: 'cache-four', part: 'cache-hour' };
/** The request that only fills the cache: with `cache_control` at the top level or, when the target rejects that, on the system prompt. */
const PREWARM = { whole: 'cache-prewarm', part: 'cache-prewarm-marked' };
const INVALID_CACHE_CONTROL = ['cache-control-ttl', 'cache-control-type'];

export const caching: Suite = {
  name: 'caching',
  title: 'cache_control, and its effect on usage',
  requirements: [
    {
      id: 'cache.accepted.everywhere',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The server accepts `cache_control` on tools, system blocks, messages and tool results; a server without a cache ignores it.',
      source: ['T:msg', 'CC'],
      fixtures: [...SESSION, 'cache-four-plain'],
      judge: acceptedInSession('cache-four-plain'),
    },
    {
      id: 'cache.ttl',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        'The server accepts `cache_control` with `ttl` "5m" and "1h", and rejects another `ttl` or `type` as a client error (documented: 400).',
      source: ['T:msg', 'D:cache'],
      fixtures: ['cache-four', 'cache-hour', ...INVALID_CACHE_CONTROL],
      judge: (evidence) => {
        const bad = INVALID_CACHE_CONTROL.flatMap((id) => evidence.of(id));
        const times = bundled([HOUR])(evidence);
        return bad.length === 0 || isWithoutCache(evidence)
          ? times
          : worst(times, rejected()({ ...evidence, own: bad }));
      },
    },
    {
      id: 'cache.four-breakpoints',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        'The server accepts four `cache_control` breakpoints and rejects five as a client error (documented: 400).',
      source: ['D:cache', 'H5'],
      fixtures: ['cache-four', 'cache-four-plain', 'cache-five'],
      judge: whereAccepted('caching', ['cache-four', 'cache-four-plain'], (evidence) =>
        isWithoutCache(evidence)
          ? bundled([FOUR])(evidence)
          : worst(bundled([FOUR])(evidence), rejected()({ ...evidence, own: evidence.of('cache-five') })),
      ),
    },
    {
      id: 'cache.write-then-read',
      level: 'MUST',
      profile: 'caching',
      statement:
        'A long prompt with `cache_control` counts as written to the cache or read from it; sent again, it counts as read.',
      source: ['D:cache'],
      fixtures: ['cache-long'],
      judge: writtenThenRead,
    },
    {
      id: 'cache.usage.fields',
      level: 'MUST',
      profile: 'caching',
      statement:
        'For prompts with `cache_control`, `usage` of replies and of `message_start` has both cache counts as integers of 0 or more.',
      source: ['D:cache', 'T:msg'],
      fixtures: ['cache-four', 'cache-four-plain'],
      judge: (evidence) => {
        const judgement = hasBothCounts(evidence);
        const areAbsent =
          judgement.outcome === 'violated' && judgement.findings.every(({ actual }) => ABSENT.includes(actual));
        return areAbsent && isWithoutCache(evidence) ? NO_CACHE : judgement;
      },
    },
    {
      id: 'cache.usage.sum',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        'If `usage.cache_creation` splits the written tokens by `ttl`, the parts add up to `cache_creation_input_tokens` of the same `usage`.',
      source: ['D:cache', 'T:msg'],
      fixtures: ['cache-long'],
      judge: each(
        (exchange) => {
          const split = usageObjects(exchange).filter(
            ({ usage }) => isCount(get(usage, CREATED)) && isObject(get(usage, 'cache_creation')),
          );
          return split.length > 0 ? split : null;
        },
        (split, exchange) => firstFew(split.flatMap((one) => sumFaults(one, exchange))),
        { nothing: 'No reply of this run has `usage.cache_creation`' },
      ),
    },
    {
      id: 'cache.usage.input-excludes',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        '`input_tokens` counts only the tokens after the last `cache_control` breakpoint, not the written or read ones.',
      source: ['D:cache'],
      fixtures: ['cache-long'],
      judge: each(
        (exchange) => {
          const message = exchange.fixture === 'cache-long' ? completeMessage(exchange) : null;
          return isCount(get(message?.usage, 'input_tokens')) && cached(message) > 0 ? message : null;
        },
        (message, exchange, evidence) => {
          // A server with a prompt of its own counts that in every request.
          const input = (get(message.usage, 'input_tokens') as number) - leastInput(evidence, exchange);
          // Ten words follow the breakpoint. A cache that works in blocks leaves up to one block before it uncached.
          if (input * 4 <= cached(message)) return [];
          return [
            finding(
              exchange,
              '`input_tokens` includes the cached tokens; clients that add the counts up count them twice.',
              `few input_tokens, with ${cached(message)} cached ones`,
              quote(message.usage),
              { pointer: '/usage/input_tokens' },
            ),
          ];
        },
        { nothing: 'No reply of this run has cached tokens for the long prompt', silent: true },
      ),
    },
    {
      id: 'cache.top-level',
      level: 'SHOULD',
      profile: 'caching',
      statement:
        'The server accepts `cache_control` at the top level of the request, and applies it where it has a cache.',
      source: ['T:msg', 'D:cache'],
      fixtures: ['cache-prewarm', 'cache-top-level', 'cache-prewarm-marked'],
      judge: topLevelWorks,
    },
    {
      id: 'cache.prewarm',
      level: 'MAY',
      profile: 'caching',
      statement:
        'With `max_tokens` 0 the server writes a long prompt with `cache_control` to the cache and returns no content.',
      source: ['D:cache', 'H1'],
      fixtures: ['cache-prewarm', 'cache-prewarm-marked'],
      judge: fillsCache,
    },
    {
      id: 'req.max-tokens.zero',
      level: 'MAY',
      profile: 'caching',
      statement:
        'With `max_tokens` 0 the server rejects the request as a client error (documented: 400), or returns empty `content`, `stop_reason` `max_tokens` and `usage`.',
      source: ['D:cache', 'H1', 'O24'],
      fixtures: ['cache-prewarm', 'cache-prewarm-marked'],
      judge: emptyOrRejected,
    },
  ],
};

const CREATED = 'cache_creation_input_tokens';
const READ = 'cache_read_input_tokens';

/** Whether a request has `cache_control` anywhere. */
function hasCacheControl(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(hasCacheControl);
  if (!isObject(value)) return false;
  return isObject(get(value, 'cache_control')) || Object.values(value).some(hasCacheControl);
}

const count = (message: unknown, key: string): number => {
  const value = get(message, 'usage', key);
  return isCount(value) ? value : 0;
};

const cached = (message: unknown): number => count(message, CREATED) + count(message, READ);

/** A `usage` object and its place. */
interface PlacedUsage {
  usage: Json | undefined;
  at: Place;
}

/** `usage` of the reply, and for a stream also that of its `message_start`. */
function usagesOf(message: JsonObject, exchange: Exchange): PlacedUsage[] {
  const [start] = readStream(exchange)?.byKind.get('message_start') ?? [];
  const whole = { usage: message.usage, at: { pointer: '/usage' } };
  if (start === undefined) return [whole];
  const at = { event: start.number, offset: start.frame.offset, pointer: '/message/usage' };
  return [{ usage: get(start.data, 'message', 'usage'), at }, whole];
}

/** Every `usage` object as it was sent. Later ones of a stream may have larger counts, and may leave out the parts. Source: F. */
function usageObjects(exchange: Exchange): PlacedUsage[] {
  const message = completeMessage(exchange);
  if (message === null) return [];
  const read = readStream(exchange);
  if (read === null) return [{ usage: message.usage, at: { pointer: '/usage' } }];
  return read.stream.events.flatMap((event) => {
    const kind = kindOf(event);
    if (kind !== 'message_start' && kind !== 'message_delta') return [];
    const path = kind === 'message_start' ? ['message', 'usage'] : ['usage'];
    const at = { event: event.number, offset: event.frame.offset, pointer: `/${path.join('/')}` };
    return [{ usage: get(event.data, ...path), at }];
  });
}

function sumFaults({ usage, at }: PlacedUsage, exchange: Exchange): Finding[] {
  const parts = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'].map((key) =>
    get(usage, 'cache_creation', key),
  );
  const sum = parts.reduce<number>((all, part) => all + (isCount(part) ? part : 0), 0);
  const total = get(usage, CREATED);
  if (sum === total) return [];
  return [
    finding(
      exchange,
      '`usage.cache_creation` does not add up to `cache_creation_input_tokens`.',
      `${quote(total)} in total`,
      quote(get(usage, 'cache_creation')),
      { ...at, pointer: `${at.pointer ?? ''}/cache_creation` },
    ),
  ];
}

function countFaults({ usage, at }: PlacedUsage, exchange: Exchange): Finding[] {
  return [CREATED, READ].flatMap((key) => {
    const value = get(usage, key);
    if (isCount(value)) return [];
    return [
      finding(
        exchange,
        `\`usage.${key}\` is not a count${at.event === undefined ? '' : ' in `message_start`'}; users cannot see whether the cache works.`,
        'an integer of 0 or more',
        quote(value),
        { ...at, pointer: `${at.pointer ?? ''}/${key}` },
      ),
    ];
  });
}

/** A reply that counts no tokens at all, cached or not, shows nothing of the cache. */
const isUncounted = ({ message }: Exchange): boolean => totalInput(get(message, 'usage')) === 0;
const UNCOUNTED = inconclusive('Not tested: a reply counts 0 input tokens, see usage.input.positive');

/** A server without a cache ignores `cache_control`, see `cache.accepted.everywhere`, and has nothing to count. */
const isWithoutCache = ({ claims, all }: Evidence): boolean =>
  !claims.profiles.includes('caching') && !all.some(({ message }) => cached(message) > 0);
const NO_CACHE = notObserved(
  'The contract does not claim caching, and no reply counts cached tokens: there may be no cache',
);

/** How findings quote a count that a server without a cache leaves out. */
const ABSENT = [quote(undefined), quote(null)];

const hasBothCounts = each(
  (exchange) => (hasCacheControl(exchange.sent) ? completeMessage(exchange) : null),
  (message, exchange) => usagesOf(message, exchange).flatMap((one) => countFaults(one, exchange)),
  { nothing: 'No prompt of this run with `cache_control` got a reply', silent: true },
);

function writtenThenRead(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  const [first, second] = [1, 2].map((turn) =>
    evidence.own.findLast((exchange) => exchange.turn === turn && exchange.message !== null),
  );
  if (first === undefined || second === undefined) return notObserved('The long prompt did not get a second reply');
  if (isUncounted(first) || isUncounted(second)) return UNCOUNTED;
  if (isWithoutCache(evidence)) return NO_CACHE;
  const findings: Finding[] = [];
  if (cached(first.message) === 0) {
    findings.push(
      finding(
        first,
        '`cache_control` has no effect: a long prompt is neither written to the cache nor read from it.',
        `${CREATED} above 0`,
        quote(get(first.message, 'usage')),
        { pointer: `/usage/${CREATED}` },
      ),
    );
  }
  if (count(second.message, READ) === 0) {
    findings.push(
      finding(
        second,
        'Nothing is read from the cache when the same long prompt is sent again.',
        `${READ} above 0`,
        quote(get(second.message, 'usage')),
        { pointer: `/usage/${READ}` },
      ),
    );
  }
  return verdictOf(findings, true);
}

/** The same long prompt with a breakpoint on the system prompt shows whether the target has a cache. */
function topLevelWorks(evidence: Evidence): Judgement {
  const judgement = bundled([{ whole: 'cache-prewarm', part: 'cache-top-level' }])(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  const [top] = evidence.of('cache-prewarm').filter(isAccepted);
  const marked = evidence.of('cache-prewarm-marked').filter(({ message }) => cached(message) > 0);
  if (top === undefined || cached(top.message) > 0 || marked.length === 0) return judgement;
  return violated(
    finding(
      top,
      '`cache_control` at the top level has no effect: the same prompt is cached with a breakpoint on the system prompt.',
      `${CREATED} or ${READ} above 0`,
      quote(get(top.message, 'usage')),
      { pointer: '/usage' },
    ),
    true,
  );
}

function fillsCache(evidence: Evidence): Judgement {
  const own = evidence.resolve(PREWARM);
  const judgement = accepted()({ ...evidence, own });
  if (judgement.outcome !== 'satisfied') return judgement;
  const isUnknown = isWithoutCache(evidence);
  const uncounted = isUnknown || own.some(isUncounted);
  if (uncounted && own.flatMap(contentFaults).length === 0) return isUnknown ? NO_CACHE : UNCOUNTED;
  return verdictOf(
    own.flatMap((exchange) => {
      const faults = contentFaults(exchange);
      if (uncounted || cached(exchange.message) > 0) return faults;
      return [
        ...faults,
        finding(
          exchange,
          'Nothing is written to the cache by a request that only fills it.',
          `${CREATED} or ${READ} above 0`,
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
  const fault = '`content` is not empty with `max_tokens` 0.';
  return [finding(exchange, fault, 'content []', quote(content), { pointer: '/content' })];
}

function emptyOrRejected(evidence: Evidence): Judgement {
  const own = evidence.resolve(PREWARM);
  const judgement = accepted()({ ...evidence, own });
  if (judgement.outcome === 'rejected')
    return satisfied(`Rejected, which is allowed: ${judgement.findings[0]?.actual ?? ''}`);
  if (judgement.outcome !== 'satisfied') return judgement;
  if (own.every(({ message }) => get(message, 'stop_reason') === 'refusal'))
    return inconclusive('A classifier refused the prompt before `max_tokens` could have an effect');
  return verdictOf(
    own.flatMap((exchange) => {
      const reason = get(exchange.message, 'stop_reason');
      const faults = contentFaults(exchange);
      if (reason !== 'max_tokens') {
        const fault = '`stop_reason` is wrong with `max_tokens` 0.';
        faults.push(finding(exchange, fault, '"max_tokens"', quote(reason), { pointer: '/stop_reason' }));
      }
      if (totalInput(get(exchange.message, 'usage')) === null) {
        const usage = get(exchange.message, 'usage');
        const fault = '`usage` does not count the input with `max_tokens` 0.';
        faults.push(finding(exchange, fault, 'usage with input_tokens', quote(usage), { pointer: '/usage' }));
      }
      return faults;
    }),
  );
}
