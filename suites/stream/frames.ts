/** Faults in the frames of a stream, which make the parser of a client drop, join or misread events. */

import { answer, succeeded } from '../../core/answers.js';
import type { Exchange, Frame, StreamEvent, StreamReading } from '../../core/exchange.js';
import { get, isObject, quote } from '../../core/json.js';
import { EVENT_TYPES } from '../../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { each } from '../judging/judges.js';
import { noAnswer } from '../judging/no-answer.js';
import { finding, inconclusive, verdictOf } from '../judging/outcomes.js';
import { atEvent, firstFew, type ReadStream, stream, writesBrokenText } from '../judging/views.js';
import { kindOf } from './block-types.js';
import { neverBegins } from './never-begins.js';

/** JSON with unnecessary escapes of letters and digits decoded, so that a search finds names in it. */
export const unescaped = (json: string): string =>
  json.replace(/\\u00([3-7][0-9a-f])/gi, (written, code: string) => {
    const letter = String.fromCharCode(Number.parseInt(code, 16));
    return /\w/.test(letter) ? letter : written;
  });

/** Whether the data of an event is [DONE], which another protocol sends at the end. */
export const isDone = ({ frame }: StreamEvent): boolean => frame.data?.trim() === '[DONE]';

/** Frames with data but without a name. */
export function namelessFrames({ events }: StreamReading, exchange: Exchange): Finding[] {
  const nameless = events.filter((event) => event.name === null && !isDone(event));
  return firstFew(nameless).map((event) =>
    atEvent(
      exchange,
      event,
      `\`event:\` line missing in ${nameless.length} of ${events.length} frames; clients drop these frames.`,
      `event: ${event.type ?? 'type of the data'}`,
      event.frame.strayLines.length > 0
        ? `a line that clients ignore: ${quote(event.frame.strayLines[0])}`
        : quote(event.frame.data),
    ),
  );
}

/** Events whose name differs from `type` in their data. Pings have their own requirement; unknown events are allowed. */
export const misnamedEvents = ({ stream: shown }: ReadStream, exchange: Exchange): Finding[] =>
  firstFew(
    shown.events
      .filter((event) => event.name !== null && event.name !== 'ping' && isObject(event.data))
      .filter((event) => kindOf(event) !== null && event.name !== get(event.data, 'type')),
  ).map((event) =>
    atEvent(
      exchange,
      event,
      'Event name and `type` differ; some clients use the name, others the type.',
      `"type":${quote(event.name)}`,
      `"type":${quote(get(event.data, 'type'))}`,
      '/type',
    ),
  );

/** Whether an event has a name that no page documents. [DONE] has a requirement of its own. */
const isUnknown = (event: StreamEvent): boolean =>
  event.name !== null &&
  !(EVENT_TYPES as readonly string[]).includes(event.name) &&
  kindOf(event) === null &&
  !isDone(event);

/** Events with an undocumented name, if there are any. */
export function unknownEvents(exchange: Exchange): StreamEvent[] | null {
  const found = (stream(exchange)?.events ?? []).filter((event) => isUnknown(event) && event.frame.terminated);
  return found.length === 0 ? null : found;
}

/** Undocumented events are legal while clients can parse them. */
export const unreadableUnknown = (events: readonly StreamEvent[], exchange: Exchange): Finding[] =>
  firstFew(events.filter(({ data }) => !isObject(data))).map((event) =>
    atEvent(
      exchange,
      event,
      'Data of an undocumented event is not a JSON object; the Python and Go clients end the stream with an error.',
      'a JSON object',
      `event: ${event.name}, data: ${quote(event.frame.data)}`,
    ),
  );

/** Documented events whose data is not a JSON object, and frames of documented events without data. */
export function dataFaults(shown: StreamReading, exchange: Exchange): Finding[] {
  const missing = firstFew(shown.frames.filter(lacksData)).map((frame) =>
    finding(
      exchange,
      'A frame has no readable `data:` line.',
      'data: and one JSON object',
      frame.strayLines.length > 0
        ? `a line that clients ignore: ${quote(frame.strayLines[0])}`
        : `only event: ${frame.event}`,
      { offset: frame.offset },
    ),
  );
  const wrong = firstFew(
    shown.events
      .filter((event) => event.name !== null && event.name !== 'ping' && !isObject(event.data) && !isUnknown(event))
      .filter((event) => !isDone(event) && !isMerged(event) && event.frame.terminated),
  ).map((event) =>
    atEvent(
      exchange,
      event,
      event.data === undefined
        ? 'Data of an event is not JSON; clients throw.'
        : 'Data of an event is not a JSON object.',
      'one JSON object',
      quote(event.frame.data),
    ),
  );
  return firstFew([...missing, ...wrong]);
}

/** A frame that is not terminated may be incomplete, and blankLineFaults reports it. */
function lacksData({ event, data, strayLines, terminated }: Frame): boolean {
  if (data !== null || event === 'ping' || !terminated) return false;
  if (event === null) return strayLines.some((line) => /^\s+(event|data)\s*:/.test(line));
  return (EVENT_TYPES as readonly string[]).includes(event) || strayLines.length > 0;
}

/** Whether two frames became one because the empty line between them is missing. */
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

/** Frames that are not terminated. An incomplete body is no evidence. */
export function blankLineFaults(shown: StreamReading, exchange: Exchange): Finding[] {
  const merged = firstFew(shown.events.filter(isMerged)).map((event) =>
    atEvent(
      exchange,
      event,
      'No empty line between two frames; clients read them as one.',
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
      'No empty line after the last frame; clients lose its event.',
      'an empty line at the end of the body',
      `the end of the body after ${last.event ?? quote(last.data)}`,
      { event: shown.events.findLast(({ frame }) => frame === last)?.number, offset: last.offset },
    ),
  ]);
}

/**
 * A byte order mark, invalid UTF-8, and characters split between events. Where the model itself writes broken characters, only the byte
 * order mark is the server's.
 */
export function encoding(evidence: Evidence): Judgement {
  const mark = each(stream, markFaults, { silent: true })(evidence);
  if (mark.outcome !== 'satisfied') return mark;
  const characters = each(stream, characterFaults, { silent: true })(evidence);
  if (characters.outcome !== 'violated' || !writesBrokenText(evidence)) return characters;
  return inconclusive('The model itself writes broken characters: replies that are not streamed have them too');
}

function markFaults(shown: StreamReading, exchange: Exchange): Finding[] {
  if (!shown.bom) return [];
  const message = 'The body starts with a byte order mark; clients lose the first event.';
  return [finding(exchange, message, 'event: as the first bytes', 'EF BB BF', { offset: 0 })];
}

function characterFaults(shown: StreamReading, exchange: Exchange): Finding[] {
  const findings: Finding[] = [];
  if (shown.invalidUtf8At !== null) {
    const bytes = [...exchange.bytes.subarray(shown.invalidUtf8At, shown.invalidUtf8At + 4)];
    findings.push(
      finding(
        exchange,
        'The body is not valid UTF-8.',
        'UTF-8',
        bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' '),
        { offset: shown.invalidUtf8At },
      ),
    );
  }
  const pieces = shown.events.map((event) => ({ event, piece: pieceOf(event) })).filter(({ piece }) => piece !== '');
  // A model may write one replacement character itself. A split character leaves two of them, side by side.
  const split = pieces.filter(({ piece }, index) => {
    const next = pieces[index + 1];
    const isSplit = next !== undefined && piece.endsWith('\uFFFD') && next.piece.startsWith('\uFFFD');
    return isSplit || /\p{Surrogate}/u.test(piece);
  });
  return firstFew([
    ...findings,
    ...firstFew(split).map(({ event, piece }) =>
      atEvent(
        exchange,
        event,
        'A character is split between two events; clients show a replacement character.',
        'complete characters in every delta',
        quote(piece),
        '/delta',
      ),
    ),
  ]);
}

/** The text that a delta adds. */
function pieceOf({ data }: StreamEvent): string {
  const delta = get(data, 'delta');
  if (!isObject(delta)) return '';
  const { text, thinking, partial_json: json } = delta;
  return (
    (typeof text === 'string' ? text : '') +
    (typeof thinking === 'string' ? thinking : '') +
    (typeof json === 'string' ? json : '')
  );
}

/** Largest line that the Go client reads, in bytes. Source: G. */
const LONGEST_LINE = 32 * 1024 * 1024;

/** Line endings and line lengths that the Go client cannot read. */
export function lineFaults({ lineEnds, longestLine, frames }: StreamReading, exchange: Exchange): Finding[] {
  const findings: Finding[] = [];
  if (lineEnds.includes('CR')) {
    findings.push(
      finding(
        exchange,
        'Lines end in a single CR, which the Go client does not recognize.',
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
      finding(exchange, 'A line is too long for the Go client.', `under ${LONGEST_LINE} bytes`, `${longestLine} bytes`),
    );
  }
  return findings;
}

/** Frames named `ping`, with or without data; a view for `each`. */
export function pings(exchange: Exchange): readonly Frame[] | null {
  const found = stream(exchange)?.frames.filter(({ event }) => event === 'ping') ?? [];
  return found.length > 0 ? found : null;
}

export const pingFaults = (found: readonly Frame[], exchange: Exchange): Finding[] =>
  firstFew(found.filter(({ data }) => get(parsed(data ?? ''), 'type') !== 'ping')).map((frame) =>
    finding(exchange, 'Data of a `ping` is wrong.', '{"type":"ping"}', quote(frame.data), {
      offset: frame.offset,
    }),
  );

/** Every accepted request for a stream is answered with one, by status and content type. */
export const streamLabels: Judge = each(
  (exchange) => (exchange.transport === 'stream' && succeeded(exchange) ? exchange : null),
  labelFindings,
);

/** What is wrong with status and content type of a response to an accepted request for a stream. */
export function labelFindings(exchange: Exchange): Finding[] {
  const type = exchange.header('content-type');
  const right = /^\s*text\/event-stream\s*(;|$)/i.test(type ?? '');
  if (right && exchange.response?.status === 200) return [];
  return [
    finding(
      exchange,
      exchange.stream === null
        ? 'The response to a request for a stream is not a stream.'
        : '`content-type` or status of a stream is wrong.',
      'HTTP 200, content-type: text/event-stream',
      `HTTP ${exchange.response?.status}, content-type: ${type ?? 'none'}`,
      { header: 'content-type' },
    ),
  ];
}

/** Status and content type of every requested stream. */
export function statusAndType(evidence: Evidence): Judgement {
  const own = evidence.of('minimal', 'stream');
  const nothing = neverBegins(evidence) ?? noAnswer(own, evidence);
  if (nothing !== null) return nothing;
  const whole = evidence.of('minimal', 'json');
  if (whole.length > 0 && !whole.some(succeeded) && !own.some(succeeded))
    return inconclusive('Not tested: the same request without `stream` was rejected too');
  const rejections = own
    .filter((exchange) => !succeeded(exchange))
    .map((exchange) =>
      finding(
        exchange,
        'The server rejects a request for a stream.',
        'HTTP 200 with an event stream',
        answer(exchange),
      ),
    );
  const labels = streamLabels(evidence);
  return rejections.length > 0
    ? verdictOf([...rejections, ...(labels.outcome === 'violated' ? labels.findings : [])])
    : labels;
}
