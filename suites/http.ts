import { answer, isAccepted, isMessagesCall, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, isObject, quote } from '../core/json.js';
import { text, totalInput } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { accepted, each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, notObserved, satisfied, violated } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import { countsSteadily, givenUp, jsonMessage, REPEATED, stream } from './judging/views.js';

export const http: Suite = {
  name: 'http',
  title: 'what every exchange rests on: status, content type, body, path',
  requirements: [
    {
      id: 'http.post.messages',
      level: 'MUST',
      profile: 'core',
      statement: 'A POST to /v1/messages with model, max_tokens and messages is answered with 200 and one JSON object.',
      source: ['S1', 'D:ref'],
      fixtures: ['minimal'],
      // Whether a stream carries a message is for the requirements on streams.
      judge: (evidence) => accepted()({ ...evidence, own: evidence.of('minimal', 'json') }),
    },
    {
      id: 'http.response.content-type-json',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply that is no stream has the content type application/json, or one that ends in +json.',
      source: ['T:parse', 'X'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, (_message, exchange) => {
        const type = exchange.header('content-type');
        if (type !== null && /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return [];
        return [
          finding(
            exchange,
            'The reply is not labelled as JSON: the TypeScript client hands its callers a string.',
            'content-type: application/json',
            quote(type),
            { header: 'content-type' },
          ),
        ];
      }),
    },
    {
      id: 'http.response.single-object',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply that is no stream is exactly one JSON object.',
      source: ['S1', 'X'],
      fixtures: ['minimal', 'stream-false'],
      judge: each(
        // What other endpoints answer is judged where they are.
        (exchange) =>
          exchange.transport === 'json' &&
          isMessagesCall(exchange) &&
          exchange.response?.status === 200 &&
          !givenUp(exchange)
            ? exchange
            : null,
        (exchange) =>
          isObject(exchange.json)
            ? []
            : [
                finding(
                  exchange,
                  'The body is not one JSON object.',
                  'one JSON object',
                  quote(exchange.response?.body),
                ),
              ],
      ),
    },
    {
      id: 'http.accept.json-on-stream',
      level: 'MUST',
      profile: 'core',
      statement:
        'A request for a stream with accept: application/json, which is what official clients send, is served as one.',
      source: ['X'],
      fixtures: ['minimal', 'accept-event-stream'],
      judge: servedAsStream,
    },
    {
      id: 'http.request.unknown-headers',
      level: 'MUST',
      profile: 'core',
      statement:
        'Informational request headers (x-stainless-*, traceparent, x-claude-code-*) do not keep it from being served.',
      source: ['X', 'T:client', 'CC'],
      fixtures: [WHOLE_SESSION, 'client-headers'],
      judge: bundled([inWholeSession('client-headers')]),
    },
    {
      id: 'http.utf8.roundtrip',
      level: 'MUST',
      profile: 'core',
      statement:
        'Text beyond ASCII reaches the model and comes back unchanged, whether the request writes it as it is or as \\u escapes.',
      source: ['X', 'D:ref'],
      fixtures: ['echo-raw', 'echo-escaped', 'echo-escaped-whole', ...REPEATED],
      judge: roundTrip,
    },
    {
      id: 'http.body.not-json',
      level: 'MUST',
      profile: 'errors',
      statement: 'A body that is not JSON is refused as a client error (400 invalid_request_error documented).',
      source: ['H1', 'D:errors'],
      fixtures: ['body-not-json', 'body-cut', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'http.body.lone-surrogate',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A body with the escape of half a surrogate pair, which no text can hold, is refused as a client error (400 was measured).',
      source: ['H1', 'X'],
      fixtures: ['body-surrogate', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'http.body.not-object',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A body that is JSON but no object, or empty, is refused as a client error (400 invalid_request_error documented).',
      source: ['D:errors', 'O24'],
      fixtures: ['body-array', 'body-string', 'body-null', 'body-empty', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'http.path.unknown',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A path below /v1 that does not exist is answered with 404 (not_found_error documented).',
      source: ['D:errors'],
      fixtures: ['path-unknown', 'cheap'],
      judge: unknownPath,
    },
    {
      id: 'http.query.beta-true',
      level: 'MUST',
      profile: 'agent',
      statement: 'A POST to /v1/messages?beta=true is served like one without the query.',
      source: ['CC', 'P', 'T0'],
      fixtures: [WHOLE_SESSION, 'query-beta'],
      judge: bundled([inWholeSession('query-beta')]),
    },
    {
      id: 'http.base-url.doubled-v1',
      level: 'MAY',
      profile: 'core',
      statement:
        'Where the documented base URL ends in /v1, the path /v1/v1/messages is served too: official clients append /v1/messages.',
      source: ['S1', 'X'],
      fixtures: ['path-doubled'],
      pointless: ({ dialect }) => (dialect.doubledPath ? null : 'no base URL that ends in /v1 is documented'),
      judge: doubledPath,
    },
    {
      id: 'http.stateless',
      level: 'MUST',
      profile: 'core',
      statement: 'A request without history does not see what an earlier request said.',
      source: ['S1'],
      fixtures: ['stateless'],
      judge: forgets,
    },
  ],
};

/** Every request of the suite carries `accept: application/json` unless its fixture says otherwise. */
function servedAsStream(evidence: Evidence): Judgement {
  const asked = evidence.of('minimal', 'stream');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  if (asked.some((exchange) => stream(exchange) !== null)) return satisfied();
  if (!evidence.of('minimal', 'json').some(succeeded)) {
    return inconclusive('the same request without stream was not served either');
  }
  const first = asked[0]!;
  const withOtherAccept = evidence.of('accept-event-stream').some((exchange) => stream(exchange) !== null);
  if (succeeded(first) && !withOtherAccept) {
    return inconclusive('no event stream comes for any request, so the accept header is not to blame');
  }
  return violated(
    finding(
      first,
      'A request for a stream with accept: application/json is not answered with a stream.',
      'HTTP 200 with an event stream',
      answer(first),
    ),
  );
}

const ECHO = ['Zürich', '北京', '😀'];
/** What becomes of the same characters under the wrong decoder, under a lossy one, and as escapes that nobody undid. */
const DAMAGED = /ZÃ|Z\?+rich|ðŸ|\\u(00fc|5317|4eac|d83d)/i;

function roundTrip(evidence: Evidence): Judgement {
  const raw = evidence.of('echo-raw');
  const whole = evidence.of('echo-escaped-whole');
  // A target that serves no stream at all is asked in one piece.
  const streamed = evidence.of('echo-escaped').filter((one) => isAccepted(one) || !isStreamless(evidence));
  const escaped = [...streamed, ...whole];
  const served = accepted()({ ...evidence, own: [...raw, ...escaped] });
  if (served.outcome !== 'satisfied') return served;
  const echoes = (exchange: Exchange) => {
    const answered = text(exchange.message).normalize('NFC');
    return ECHO.every((part) => answered.includes(part));
  };
  // Streams may be counted by an estimate.
  const comparable = !escaped.some(echoes) && countsSteadily(evidence) !== false;
  const findings = [...invalidBytes([...raw, ...escaped]), ...(comparable ? countedDifferently(raw, whole) : [])];
  if (findings.length > 0) return violated(findings, true);
  if ([...raw, ...escaped].some(echoes)) {
    const replies = streamed.filter((exchange) => exchange.message !== null);
    if (replies.length > 0 && replies.every(lacksBeginning)) return violated(replies.map(lostBeginning), true);
    const lost = [raw, streamed, whole].filter((tries) => tries.length > 0 && tries.every((one) => isDamaged(one)));
    return lost.length === 0
      ? satisfied()
      : violated(
          lost.map((tries) => damage(tries.at(-1)!)),
          true,
        );
  }
  const damaged = [raw, escaped].filter((tries) => tries.length > 0 && tries.every(isDamaged));
  if (damaged.length > 0) return violated(damaged.flat().map(damage), true);
  return inconclusive('the model did not repeat the text, so what became of it is not to be seen', raw.length);
}

const isStreamless = (evidence: Evidence): boolean =>
  evidence.of('echo-escaped-whole').some(isAccepted) && !evidence.of('minimal', 'stream').some(isAccepted);

/** A weak model may fail at emoji alone; who loses characters on the way loses letters and ideographs as well. */
function isDamaged({ message }: Exchange): boolean {
  const said = text(message).normalize('NFC');
  return DAMAGED.test(said) || (said.includes('\uFFFD') && !(/Zürich|Ünïcödé/.test(said) && said.includes('北京')));
}

/** What both fixtures ask for. */
const WHOLE_ECHO = 'Zürich 北京 😀 Ünïcödé 👩‍👩‍👧 東京 🇨🇭';

/** The end of the text, word for word: models leave out ends, never beginnings. */
function lacksBeginning(exchange: Exchange): boolean {
  const answered = text(exchange.message).normalize('NFC').trim();
  return answered.length > 1 && answered !== WHOLE_ECHO && WHOLE_ECHO.endsWith(answered);
}

const lostBeginning = (exchange: Exchange): Finding =>
  finding(exchange, 'Streamed, the beginning of a text is lost.', WHOLE_ECHO, replyText(exchange));

const damage = (exchange: Exchange): Finding =>
  finding(exchange, 'Characters beyond ASCII came back damaged.', ECHO.join(' '), replyText(exchange));

const invalidBytes = (exchanges: readonly Exchange[]): Finding[] =>
  exchanges
    .filter((exchange) => exchange.response?.bodyEncoding === 'base64')
    .map((exchange) =>
      finding(exchange, 'The body is not valid UTF-8.', 'UTF-8', `${exchange.bytes.length} bytes that are none`),
    );

/** The same text in two spellings of JSON is the same prompt. */
function countedDifferently(raw: readonly Exchange[], escaped: readonly Exchange[]): Finding[] {
  const [a, b] = [raw[0], escaped[0]];
  if (a === undefined || b === undefined) return [];
  const [asItIs, asEscapes] = [a, b].map((exchange) => totalInput(get(exchange.message, 'usage')));
  if (!asItIs || !asEscapes || asItIs === asEscapes) return [];
  return [
    finding(
      b,
      'The same text counts as another number of input tokens when it is written as \\u escapes: it was not decoded alike.',
      `${asItIs} input tokens, as ${a.id}`,
      `${asEscapes} input tokens`,
      { pointer: '/usage/input_tokens' },
    ),
  ];
}

function unknownPath(evidence: Evidence): Judgement {
  const asked = evidence.of('path-unknown');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const findings: Finding[] = [];
  for (const exchange of asked) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
    if (status(exchange) === 404) continue;
    findings.push(
      finding(exchange, 'A path that does not exist is not answered with 404.', 'HTTP 404', answer(exchange)),
    );
  }
  return findings.length === 0 ? satisfied() : violated(findings);
}

function doubledPath(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  const asked = evidence.of('path-doubled')[0];
  if (asked === undefined || judgement.outcome === 'unreachable' || judgement.outcome === 'inconclusive') {
    return judgement;
  }
  if (!evidence.claims.dialect.doubledPath) {
    return notObserved(
      `no base URL that ends in /v1 is documented; /v1/v1/messages is answered ${succeeded(asked) ? 'like /v1/messages' : answer(asked)}`,
    );
  }
  if (judgement.outcome === 'satisfied') return judgement;
  return deviates(
    finding(
      asked,
      'The documented base URL ends in /v1, but clients that are given it arrive at a path that is not served.',
      'HTTP 200 with a Message',
      answer(asked),
    ),
  );
}

function forgets(evidence: Evidence): Judgement {
  const second = evidence.own.filter((exchange) => exchange.turn === 2);
  if (second.length === 0) {
    return noAnswer(evidence.own, evidence) ?? inconclusive('the first of the two requests was not answered');
  }
  const nothing = noAnswer(second, evidence);
  if (nothing !== null) return nothing;
  const served = second.filter((exchange) => exchange.message !== null);
  if (served.length === 0) return inconclusive(`the question about the code was answered ${answer(second[0]!)}`);
  const recalling = served.filter((exchange) => /7Q4/i.test(text(exchange.message)));
  if (recalling.length === 0 && served.every((exchange) => text(exchange.message).trim() === ''))
    return inconclusive('the question about the code was answered without a word');
  if (recalling.length === 0) return satisfied();
  return violated(
    recalling.map((exchange) =>
      finding(
        exchange,
        'The answer knows a code that only an earlier, separate request held.',
        'no trace of the code',
        replyText(exchange),
      ),
    ),
    true,
  );
}
