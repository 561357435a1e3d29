/** Looks at the frames of a stream: what a client's parser would drop, join or misread. */

import { answer, succeeded } from '../../core/answers.js';
import type { Exchange, Frame, StreamEvent, StreamReading } from '../../core/exchange.js';
import { get, isObject, quote } from '../../core/json.js';
import { EVENT_TYPES } from '../../core/protocol.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { each } from '../judging/judges.js';
import { noAnswer } from '../judging/no-answer.js';
import { finding, inconclusive, verdictOf } from '../judging/outcomes.js';
import { atEvent, firstFew, type ReadStream, stream } from '../judging/views.js';
import { kindOf } from './block-types.js';

/** JSON with letters and digits that were escaped for no need spelled out, so that names can be looked for. */
export const unescaped = (json: string): string =>
  json.replace(/\\u00([3-7][0-9a-f])/gi, (written, code: string) => {
    const letter = String.fromCharCode(Number.parseInt(code, 16));
    return /\w/.test(letter) ? letter : written;
  });

/** The text of [DONE], which another protocol sends at the end. */
export const isDone = ({ frame }: StreamEvent): boolean => frame.data?.trim() === '[DONE]';

/** Frames with data and without a name. */
export function namelessFrames({ events }: StreamReading, exchange: Exchange): Finding[] {
  const nameless = events.filter((event) => event.name === null && !isDone(event));
  return firstFew(nameless).map((event) =>
    atEvent(
      exchange,
      event,
      `A frame has no event line: clients drop it. So it is with ${nameless.length} of ${events.length} frames.`,
      `event: ${event.type ?? 'the type of its data'}`,
      event.frame.strayLines.length > 0
        ? `a line that no client reads: ${quote(event.frame.strayLines[0])}`
        : quote(event.frame.data),
    ),
  );
}

/** Events whose name is not the type of their data. Pings have a requirement of their own; unknown events are legal as they are. */
export const misnamedEvents = ({ stream: shown }: ReadStream, exchange: Exchange): Finding[] =>
  firstFew(
    shown.events
      .filter((event) => event.name !== null && event.name !== 'ping' && isObject(event.data))
      .filter((event) => kindOf(event) !== null && event.name !== get(event.data, 'type')),
  ).map((event) =>
    atEvent(
      exchange,
      event,
      'The name of an event and the type of its data differ: clients go by the one or by the other.',
      `"type":${quote(event.name)}`,
      `"type":${quote(get(event.data, 'type'))}`,
      '/type',
    ),
  );

/** Events whose data is no JSON object, and frames of the protocol's events without data. */
export function dataFaults(shown: StreamReading, exchange: Exchange): Finding[] {
  const missing = firstFew(shown.frames.filter(lacksData)).map((frame) =>
    finding(
      exchange,
      'A frame has no data that a client can read.',
      'data: and one JSON object',
      frame.strayLines.length > 0
        ? `a line that no client reads: ${quote(frame.strayLines[0])}`
        : `event: ${frame.event} alone`,
      { offset: frame.offset },
    ),
  );
  const wrong = firstFew(
    shown.events
      .filter((event) => event.name !== null && event.name !== 'ping' && !isObject(event.data))
      .filter((event) => !isDone(event) && !isMerged(event) && event.frame.terminated),
  ).map((event) =>
    atEvent(
      exchange,
      event,
      event.data === undefined
        ? 'The data of an event is not JSON: clients throw.'
        : 'The data of an event is no JSON object.',
      'one JSON object',
      quote(event.frame.data),
    ),
  );
  return firstFew([...missing, ...wrong]);
}

/** A frame that nothing closes is judged by itself, and may have been cut before its data. */
function lacksData({ event, data, strayLines, terminated }: Frame): boolean {
  if (data !== null || event === 'ping' || !terminated) return false;
  if (event === null) return strayLines.some((line) => /^\s+(event|data)\s*:/.test(line));
  return (EVENT_TYPES as readonly string[]).includes(event) || strayLines.length > 0;
}

/** Two frames that became one because the empty line between them is missing. */
function isMerged({ data, frame }: StreamEvent): boolean {
  const lines = frame.data?.split('\n') ?? [];
  return data === undefined && lines.length > 1 && lines.every((line) => isObject(parsed(line)));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Frames that nothing closes. A body that was cut off is no evidence: it would have gone on. */
export function blankLineFaults(shown: StreamReading, exchange: Exchange): Finding[] {
  const merged = firstFew(shown.events.filter(isMerged)).map((event) =>
    atEvent(
      exchange,
      event,
      'Two frames run into one another.',
      'an empty line after every frame',
      quote(event.frame.data),
    ),
  );
  const last = shown.frames.at(-1);
  if (last === undefined || last.terminated || exchange.failure !== null) return firstFew(merged);
  if (last.event === null && last.data === null) return firstFew(merged);
  return firstFew([
    ...merged,
    finding(
      exchange,
      'The last frame is not closed by an empty line: clients lose its event.',
      'an empty line at the end of the body',
      `${last.event ?? quote(last.data)} and the end of the body`,
      { event: shown.events.findLast(({ frame }) => frame === last)?.number, offset: last.offset },
    ),
  ]);
}

/** Byte order mark, bytes that are not UTF-8, characters that were divided between events. */
export function encodingFaults(shown: StreamReading, exchange: Exchange): Finding[] {
  const findings: Finding[] = [];
  if (shown.bom) {
    findings.push(
      finding(
        exchange,
        'The body begins with a byte order mark: clients lose the first event.',
        'event: as first bytes',
        'EF BB BF',
        {
          offset: 0,
        },
      ),
    );
  }
  if (shown.invalidUtf8At !== null) {
    const bytes = [...exchange.bytes.subarray(shown.invalidUtf8At, shown.invalidUtf8At + 4)];
    findings.push(
      finding(
        exchange,
        'The body is not UTF-8.',
        'UTF-8',
        bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' '),
        { offset: shown.invalidUtf8At },
      ),
    );
  }
  const pieces = shown.events.filter((event) => pieceOf(event) !== '');
  // A model may write a replacement character by itself; a divided one leaves two of them, side by side.
  const divided = pieces.filter((event, index) => {
    const next = pieces[index + 1];
    const parted = next !== undefined && pieceOf(event).endsWith('\uFFFD') && pieceOf(next).startsWith('\uFFFD');
    return /\p{Surrogate}/u.test(pieceOf(event)) || parted;
  });
  return firstFew([
    ...findings,
    ...firstFew(divided).map((event) =>
      atEvent(
        exchange,
        event,
        'A character is divided between two events: half of it is lost.',
        'whole characters in every delta',
        quote(pieceOf(event)),
        '/delta',
      ),
    ),
  ]);
}

/** What a delta adds. */
function pieceOf({ data }: StreamEvent): string {
  const delta = get(data, 'delta');
  return ['text', 'thinking', 'partial_json']
    .map((key) => get(delta, key))
    .filter((part) => typeof part === 'string')
    .join('');
}

const LONGEST_LINE = 32 * 1024 * 1024;

export function lineFaults({ lineEnds, longestLine, frames }: StreamReading, exchange: Exchange): Finding[] {
  const findings: Finding[] = [];
  if (lineEnds.includes('CR')) {
    findings.push(
      finding(
        exchange,
        'Lines end in CR alone: the Go client does not see their end.',
        'LF or CRLF',
        lineEnds.join(', '),
        {
          offset: frames[0]?.offset ?? 0,
        },
      ),
    );
  }
  if (longestLine >= LONGEST_LINE) {
    findings.push(
      finding(
        exchange,
        'A line is longer than the Go client reads.',
        `under ${LONGEST_LINE} bytes`,
        `${longestLine} bytes`,
      ),
    );
  }
  return findings;
}

/** Events named ping, and frames of that name without data. */
export function pings(exchange: Exchange): readonly Frame[] | null {
  const found = stream(exchange)?.frames.filter(({ event }) => event === 'ping') ?? [];
  return found.length > 0 ? found : null;
}

export const pingFaults = (found: readonly Frame[], exchange: Exchange): Finding[] =>
  firstFew(found.filter(({ data }) => get(parsed(data ?? ''), 'type') !== 'ping')).map((frame) =>
    finding(exchange, 'A ping has other data than its type.', '{"type":"ping"}', quote(frame.data), {
      offset: frame.offset,
    }),
  );

/** Status and label of every stream that was asked for. */
export function statusAndType(evidence: Evidence): Judgement {
  const own = evidence.of('minimal', 'stream');
  const nothing = noAnswer(own, evidence);
  if (nothing !== null) return nothing;
  const whole = evidence.of('minimal', 'json');
  if (whole.length > 0 && !whole.some(succeeded) && !own.some(succeeded))
    return inconclusive('the same request without stream was not served either');
  const refused = own
    .filter((exchange) => !succeeded(exchange))
    .map((exchange) =>
      finding(
        exchange,
        'A request for a stream is not answered with one.',
        'HTTP 200 with an event stream',
        answer(exchange),
      ),
    );
  const labels = each(
    (exchange) => (exchange.transport === 'stream' && succeeded(exchange) ? exchange : null),
    (exchange) => {
      const type = exchange.header('content-type');
      const right = /^\s*text\/event-stream\s*(;|$)/i.test(type ?? '');
      if (right && exchange.response?.status === 200) return [];
      return [
        finding(
          exchange,
          exchange.stream === null
            ? 'A stream was asked for, and something else came.'
            : 'The stream is not labelled as one.',
          'HTTP 200, content-type: text/event-stream',
          `HTTP ${exchange.response?.status}, content-type: ${type ?? 'none'}`,
          { header: 'content-type' },
        ),
      ];
    },
  )(evidence);
  return refused.length > 0
    ? verdictOf([...refused, ...(labels.outcome === 'violated' ? labels.findings : [])])
    : labels;
}
