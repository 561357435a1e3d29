/** A text that the model repeats: whether it arrives whole, and whether a stream delivers what a reply without streaming does. */

import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import { TRANSPORTS, type Transport } from '../../core/protocol.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { lostEnding } from './lost-endings.js';
import { noReply } from './no-answer.js';
import { finding, inconclusive, notObserved, satisfied, violated } from './outcomes.js';
import { finished, followsGrammar } from './views.js';

/** The fixtures with a text to repeat, streamed and not. */
const LAYOUT = 'echo-layout';
export const LONG_ECHO = 'echo-long';

/** What stands before the text in the prompt. */
const BEFORE = 'after it:\n';

/** The text that a request asks to repeat; empty where it asks for none. */
function dictated({ sent }: Exchange): string {
  const [first] = Array.isArray(get(sent, 'messages')) ? (get(sent, 'messages') as unknown[]) : [];
  const prompt = asString(isObject(first) ? first.content : undefined);
  const at = prompt.indexOf(BEFORE);
  return at < 0 ? '' : prompt.slice(at + BEFORE.length);
}

/** A model may leave something out once. It does not make the same mistake in every stream and never without streaming. */
const ENOUGH = 2;

/** What a server does to the text of a stream. Models do none of it alike in every try. */
const LOSSES: readonly { fault: string; undo: (text: string) => string }[] = [
  { fault: 'White space', undo: (all) => all.replace(/\s+/g, '') },
  { fault: 'The fence of a code block', undo: (all) => all.replace(/```\w*/g, '').replace(/\s+/g, '') },
];

/** Both transports deliver the same text. */
export const sameText = (evidence: Evidence): Judgement => sameAs(LAYOUT, evidence);

/** The transport that repeats the text exactly is the control of the other. */
function sameAs(fixture: string, evidence: Evidence): Judgement {
  const exact = TRANSPORTS.filter((transport) => repeated(evidence, fixture, transport).some(isExact));
  const [control] = exact;
  if (exact.length === TRANSPORTS.length) return satisfied();
  if (control === undefined || repeated(evidence, fixture, other(control)).length === 0) {
    const missing =
      control === undefined ? 'No reply' : `No ${control === 'json' ? 'stream' : 'reply without streaming'}`;
    return noReply(evidence.own, evidence) ?? inconclusive(`${missing} repeats the text exactly`, evidence.own.length);
  }
  return damagedIn(evidence, fixture, other(control));
}

/**
 * A long text comes back whole in both transports. A model may stop early, but not in the middle of a word and at the same character
 * each time. A text of any length may not lose its end where its tokens are counted.
 */
export function longTextReturns(evidence: Evidence): Judgement {
  const judgement = sameAs(LONG_ECHO, evidence);
  const lost = lostEnding(evidence);
  if ((judgement.outcome === 'violated' || lost !== null) && sameText(evidence).outcome === 'violated')
    return notObserved('Short texts differ between the transports too, see stream.text.equal');
  if (judgement.outcome !== 'violated' && lost !== null) return violated(lost, true);
  if (judgement.outcome !== 'inconclusive') return judgement;
  const replies = TRANSPORTS.flatMap((transport) => repeated(evidence, LONG_ECHO, transport));
  const last = replies.at(-1);
  if (last === undefined || replies.length < ENOUGH) return judgement;
  const [whole, said] = [dictated(last), text(last.message)];
  const isCut = whole.startsWith(said) && /\w$/.test(said) && /^\w/.test(whole.slice(said.length));
  if (!isCut || !replies.every(({ message }) => text(message) === said)) return judgement;
  const message = 'A long text is cut in the middle of a word, at the same character in every reply.';
  const actual = `${said.length} characters, and stop_reason ${quote(get(last.message, 'stop_reason'))}`;
  return violated(finding(last, message, `${whole.length} characters`, actual, { pointer: '/content' }), true);
}

const other = (transport: Transport): Transport => (transport === 'json' ? 'stream' : 'json');

const isExact = (exchange: Exchange): boolean => text(exchange.message) === dictated(exchange);

const repeated = (evidence: Evidence, fixture: string, transport: Transport): Exchange[] =>
  finished(evidence.of(fixture, transport)).filter(followsGrammar);

function damagedIn(evidence: Evidence, fixture: string, transport: Transport): Judgement {
  const damaged = repeated(evidence, fixture, transport);
  const control = repeated(evidence, fixture, other(transport)).find(isExact)!;
  const last = damaged.at(-1)!;
  const [whole, said] = [text(control.message), text(last.message)];
  const lost = lossOf(whole, said);
  const isAlike = damaged.every(({ message }) => text(message) === said);
  const isStream = transport === 'stream';
  if (lost === null || !isAlike || damaged.length < ENOUGH)
    return inconclusive(
      `The model repeated the text in another way in each ${isStream ? 'stream' : 'reply without streaming'}`,
      damaged.length,
    );
  const fault = isStream
    ? `${lost} in the stream; the reply without streaming has the whole text.`
    : `${lost} without streaming; the stream has the whole text.`;
  return violated(differs(last, control, fault), true);
}

/** The first place where both texts differ, for people: the texts themselves may be long. */
function differs(exchange: Exchange, control: Exchange, message: string): Finding {
  const [whole, streamed] = [text(control.message), text(exchange.message)];
  let at = 0;
  while (at < whole.length && whole[at] === streamed[at]) at += 1;
  const from = Math.max(0, at - CONTEXT);
  return {
    ...finding(
      exchange,
      message,
      `${quote(whole.slice(from, at + CONTEXT))} at character ${at}, as ${control.id}`,
      quote(streamed.slice(from, at + CONTEXT)),
      { pointer: '/content' },
    ),
    comparedWith: control.id,
  };
}

const CONTEXT = 20;

/** What the stream lacks or adds; `null` where it may be the model. */
function lossOf(whole: string, streamed: string): string | null {
  const loss = LOSSES.find(({ undo }) => undo(whole) === undo(streamed));
  if (loss !== undefined) {
    const isLonger = streamed.length > whole.length;
    return `${loss.fault} is ${isLonger ? 'added' : 'missing'}`;
  }
  if (streamed === '') return null;
  if (whole.startsWith(streamed)) return 'The end of the text is missing';
  if (whole.endsWith(streamed)) return 'The beginning of the text is missing';
  return pieceOf(whole, streamed);
}

/** What became of a delta in the middle. */
function pieceOf(whole: string, streamed: string): string | null {
  const shorter = Math.min(whole.length, streamed.length);
  let start = 0;
  while (start < shorter && whole[start] === streamed[start]) start += 1;
  let end = 0;
  while (end < shorter - start && whole.at(-1 - end) === streamed.at(-1 - end)) end += 1;
  const differsOnce = start + end === shorter;
  if (differsOnce && streamed.length < whole.length) return 'A piece in the middle of the text is missing';
  const added = streamed.slice(start, streamed.length - end);
  if (differsOnce && added !== '' && whole.slice(0, start).endsWith(added)) return 'A piece of the text comes twice';
  const sorted = [whole, streamed].map((one) => [...one].sort().join(''));
  return sorted[0] === sorted[1] ? 'Pieces of the text are in another order' : null;
}

/** The text as filters against markup in pages write it: all of them escape angle brackets, most of them more. */
const entities =
  (...more: readonly (readonly [character: string, entity: string])[]) =>
  (all: string): string =>
    [...more, ['<', '&lt;'] as const, ['>', '&gt;'] as const].reduce(
      (text, [character, entity]) => text.replaceAll(character, entity),
      all,
    );
const AMPERSAND = ['&', '&amp;'] as const;
const AS_ENTITIES = 'Special characters arrive as HTML entities';

/** What servers do to a text on its way to the model. A tab that arrives as blanks, or a blank line that does not, may be the model's. */
const DAMAGE: readonly { fault: string; of: (text: string) => string }[] = [
  { fault: 'Angle brackets arrive as HTML entities', of: entities() },
  { fault: 'Angle brackets arrive as HTML entities', of: (all) => all.replaceAll('<', '&lt;') },
  { fault: AS_ENTITIES, of: entities(AMPERSAND) },
  { fault: AS_ENTITIES, of: entities(AMPERSAND, ['"', '&quot;']) },
  ...['&#x27;', '&#39;', '&apos;'].map((quote) => ({
    fault: AS_ENTITIES,
    of: entities(AMPERSAND, ['"', '&quot;'], ["'", quote]),
  })),
  { fault: AS_ENTITIES, of: entities(AMPERSAND, ['"', '&#34;'], ["'", '&#39;']) },
  { fault: 'Markup in angle brackets is lost', of: (all) => all.replace(/<\/?\w+>/g, '') },
  { fault: 'Quotation marks arrive as typographic ones', of: (all) => all.replace(/"([^"]*)"/g, '\u201c$1\u201d') },
  { fault: 'Backslashes are lost', of: (all) => all.replaceAll('\\', '') },
  { fault: 'Backslashes are doubled', of: (all) => all.replaceAll('\\', '\\\\') },
  { fault: 'Quotation marks arrive with a backslash', of: (all) => all.replaceAll('"', '\\"') },
  { fault: 'Quotation marks are lost', of: (all) => all.replaceAll('"', '') },
  { fault: 'Line breaks are lost', of: (all) => all.replaceAll('\n', '') },
  { fault: 'Line breaks arrive as carriage returns with line feeds', of: (all) => all.replaceAll('\n', '\r\n') },
  { fault: 'Line breaks arrive as blanks', of: (all) => all.replaceAll('\n', ' ') },
  { fault: 'Line breaks arrive as \\n', of: (all) => all.replaceAll('\n', '\\n').replaceAll('\t', '\\t') },
  { fault: 'Tabs are lost', of: (all) => all.replaceAll('\t', '') },
];

/** The text reaches the model and comes back as it was sent. One exact reply shows that. */
export function textArrives(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  const said = finished(evidence.own).map((exchange) => ({
    exchange,
    given: dictated(exchange),
    answer: text(exchange.message).trim(),
  }));
  if (said.some(({ given, answer }) => answer === given)) return satisfied();
  const damage = DAMAGE.find(
    ({ of }) => said.length >= ENOUGH && said.every(({ given, answer }) => answer === of(given).trim()),
  );
  if (damage === undefined) return inconclusive('The model did not repeat the text', Math.max(said.length, 1));
  const { exchange, given, answer } = said[0]!;
  return violated(finding(exchange, `${damage.fault} on the way to the model.`, quote(given), quote(answer)), true);
}
