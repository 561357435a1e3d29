import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Judge, Requirement, Suite } from '../../core/requirement.js';
import type { UpstreamWait } from '../../core/upstream.js';
import { finding, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import { answers } from '../judging/answers.js';
import { sameAnswer } from '../judging/contents.js';
import { callsOf, wasPlayed } from '../judging/pairs.js';

/** Whatever the form of the stream, the client gets what it says. */
const same = (id: string, fixture: string, statement: string, rest: Partial<Requirement> = {}): Requirement => ({
  id,
  level: 'MUST',
  profile: 'core',
  statement,
  source: ['O:chat', 'D:stream'],
  fixtures: [fixture],
  judge: answers(sameAnswer),
  ...rest,
});

const calls = { profile: 'tools' } as const;
const sse = { source: ['SSE', 'D:stream'] } as const;

/** The upstream goes on only when the client has what it said so far, or after the time in the case. */
const incremental: Judge = ({ own }: Evidence) => {
  const waited = own
    .filter(wasPlayed)
    .flatMap((exchange) => callsOf(exchange).map(({ waits }) => ({ exchange, late: waits.filter(isLate) })));
  if (waited.length === 0) return notObserved('The upstream did not play its script to the end');
  return verdictOf(
    waited
      .filter(({ late }) => late.length > 0)
      .map(({ exchange, late }) =>
        finding(
          exchange,
          'The gateway holds back what the upstream has sent; users wait for the end of the answer.',
          'each piece at the client before the upstream sends the next',
          `nothing within ${Math.round(late[0]!.ms)} ms`,
        ),
      ),
  );
};

const isLate = ({ for: what, came }: UpstreamWait): boolean => what === 'seen' && !came;

/** Longest silence in what the client got, in milliseconds. Clients and proxies end connections that are silent for longer. */
const MOST_SILENT_MS = 15_500;

const pinged: Judge = ({ own }: Evidence) => {
  const played = own.filter((exchange) => wasPlayed(exchange) && exchange.response !== null);
  if (played.length === 0) return notObserved('The upstream did not play its script to the end');
  return verdictOf(
    played.flatMap((exchange) => {
      const silent = longestSilence(exchange);
      return silent <= MOST_SILENT_MS
        ? []
        : [
            finding(
              exchange,
              'The client gets no sign of life while the upstream thinks; proxies end the connection.',
              'a ping or a comment every 15 s',
              `${Math.round(silent / 1000)} s of silence`,
            ),
          ];
    }),
  );
};

function longestSilence({ response }: Exchange): number {
  const times = [response!.headersMs, ...response!.chunks.map(({ atMs }) => atMs)];
  return Math.max(0, ...times.slice(1).map((time, index) => time - times[index]!));
}

export const streams: Suite = {
  name: 'gateway-streams',
  title: 'legal ways to write a stream: the client gets the same events for all of them',
  requirements: [
    same('gw.stream.role.never', 'stream-role-never', 'A stream whose chunks never name the role is read.'),
    same('gw.stream.role.each', 'stream-role-each', 'A stream whose chunks all name the role is one message.'),
    same('gw.stream.opening.null', 'stream-opening-null', 'A first chunk with a content of null adds nothing.'),
    same('gw.stream.opening.text', 'stream-opening-none', 'Text in the first chunk is not lost.'),
    same('gw.stream.no-choices', 'stream-preface', 'A chunk without choices is passed over.'),
    same(
      'gw.stream.usage.with-finish',
      'stream-usage-with-finish',
      'Usage beside the finish reason ends nothing early.',
    ),
    same('gw.stream.usage.nowhere', 'stream-usage-nowhere', 'A stream without usage ends normally.'),
    same('gw.stream.finish.with-text', 'stream-finish-with-last', 'Text beside the finish reason is not lost.'),
    same('gw.stream.empty-deltas', 'stream-empty-deltas', 'Empty deltas change nothing.'),
    same('gw.stream.no-done', 'stream-no-done', 'A stream with a finish reason and without `[DONE]` is complete.', {
      level: 'SHOULD',
    }),
    same('gw.stream.event-names', 'stream-no-event-names', 'Events that have their type only in their data are read.', {
      level: 'SHOULD',
      source: ['O:responses', 'SSE'],
    }),
    same('gw.stream.done-only', 'stream-done-only', 'Content that comes only with the end of its part is not lost.', {
      level: 'SHOULD',
      source: ['O:responses'],
    }),
    same('gw.stream.done-marker', 'stream-done-marker', '`[DONE]` after the last event changes nothing.', {
      level: 'SHOULD',
      source: ['O:responses'],
    }),
    same('gw.stream.crlf', 'stream-crlf', 'Lines may end with CR LF.', sse),
    same('gw.stream.no-space', 'stream-tight', 'The space after the colon of a field is optional.', sse),
    same('gw.stream.sse-fields', 'stream-sse-fields', 'The fields `id` and `retry` change nothing.', sse),
    same('gw.stream.comments', 'stream-comments', 'Comments between events change nothing.', sse),
    same('gw.stream.bytes', 'stream-bytes', 'A stream that arrives byte by byte is read like any other.', sse),
    same(
      'gw.stream.split-characters',
      'stream-splits',
      'Characters and lines that are split over reads are put together again.',
      sse,
    ),
    same('gw.stream.one-write', 'stream-one-write', 'Many events in one read are read one by one.', sse),
    same(
      'gw.stream.many-deltas',
      'stream-many-deltas',
      '10,000 small deltas reach the client, none lost and none twice.',
      { profile: 'agent' },
    ),
    same('gw.stream.compressed', 'stream-compressed', 'A compressed stream is read where the gateway has offered to.', {
      source: ['HTTP'],
    }),
    same(
      'gw.stream.call.characters',
      'stream-call-characters',
      'Arguments that come character by character are put together.',
      calls,
    ),
    same('gw.stream.call.whole', 'stream-call-whole', 'A call with all its arguments in one chunk is not lost.', calls),
    same(
      'gw.stream.call.ids-repeated',
      'stream-call-ids-each',
      'A call whose id is repeated in every chunk is one call.',
      { ...calls, level: 'SHOULD' },
    ),
    same(
      'gw.stream.call.with-text',
      'stream-text-with-call',
      'Text and the beginning of a call in one chunk both arrive.',
      calls,
    ),
    same(
      'gw.stream.call.then-text',
      'stream-text-after-call',
      'Text after a call arrives, and the call stays complete.',
      calls,
    ),
    same(
      'gw.stream.call.no-arguments',
      'stream-call-no-arguments',
      'A call whose arguments never come has the input {}.',
      calls,
    ),
    same(
      'gw.stream.calls.interleaved',
      'stream-calls-interleaved',
      'Arguments of two calls that come in turns end up in the right call.',
      calls,
    ),
    same('gw.stream.calls.together', 'stream-calls-together', 'Two calls in one chunk are two calls.', calls),
    same('gw.stream.thinking', 'stream-thinking-and-call', 'Reasoning before text and a call changes neither.', calls),
    {
      id: 'gw.stream.incremental.text',
      level: 'MUST',
      profile: 'core',
      statement: 'Each piece of text leaves the gateway before the upstream sends the next one.',
      source: ['D:stream'],
      fixtures: ['stream-incremental'],
      judge: incremental,
    },
    {
      id: 'gw.stream.incremental.call',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'Each piece of the arguments of a call leaves the gateway before the upstream sends the next one.',
      source: ['D:fgts'],
      fixtures: ['stream-incremental-call'],
      judge: incremental,
    },
    {
      id: 'gw.stream.silence',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'While the upstream is silent the client gets a ping or a comment at least every 15 seconds.',
      source: ['D:stream'],
      fixtures: ['stream-silence'],
      judge: pinged,
    },
  ],
};
