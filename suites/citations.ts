import { answer, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import {
  type CitationKind,
  citedPage,
  citedSearchResult,
  citedText,
  type Misplaced,
} from './judging/citation-places.js';
import { whereTaken } from './judging/feature-gates.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, schemaFindings, verdictOf, violated } from './judging/outcomes.js';
import { replyText, steered } from './judging/steering.js';
import { saysBothWords } from './judging/steering-words.js';
import { answered, atEvent, firstFew, readStream } from './judging/views.js';

export const citations: Suite = {
  name: 'citations',
  title: 'citations: asked for, given, and true',
  requirements: [
    {
      id: 'cite.text.shape',
      level: 'MUST',
      profile: 'documents',
      statement:
        'An answer from plain-text documents with citations cites them as char_location, and each cited_text is what stands between its indices, counted from 0 with an exclusive end.',
      source: ['D:cite', 'T:msg'],
      fixtures: ['text-cited', 'words-in-prompt'],
      judge: cites('text-cited', citedText),
    },
    {
      id: 'cite.pdf.shape',
      level: 'SHOULD',
      profile: 'documents',
      statement:
        'An answer from a PDF with citations cites it as page_location, with pages counted from 1 and an exclusive end.',
      source: ['D:cite'],
      fixtures: ['pdf-cited', 'words-in-prompt'],
      judge: cites('pdf-cited', citedPage),
    },
    {
      id: 'cite.stream.delta',
      level: 'MUST',
      profile: 'documents',
      statement: 'In a stream every citation arrives as a citations_delta of its text block.',
      source: ['D:cite', 'T:acc'],
      fixtures: ['text-cited', 'words-in-prompt'],
      judge: arriveAsDeltas,
    },
    {
      id: 'cite.all-or-none',
      level: 'SHOULD',
      profile: 'documents',
      statement:
        'Citations on some documents of a request but not on all are refused as a client error (400 documented).',
      source: ['D:cite'],
      fixtures: ['cited-in-part', 'text-cited'],
      judge: whereTaken('documents', ['text-cited'], rejected()),
    },
    {
      id: 'cite.search-result',
      level: 'MAY',
      profile: 'documents',
      statement: 'An answer from a search_result block with citations cites it as search_result_location.',
      source: ['D:search', 'T:msg'],
      fixtures: ['search-result-cited', 'words-in-prompt'],
      judge: cites('search-result-cited', citedSearchResult),
    },
  ],
};

/**
 * Citations of one fixture, over both transports. Without any in the JSON replies it is broken where the answer is taken
 * from the source all the same while another answer of the run shows that the model cites, and where the source is lost:
 * its words come when the prompt itself holds them.
 */
function cites(fixture: string, kind: CitationKind): Judge {
  return (evidence) => {
    const findings = answered(evidence.of(fixture)).flatMap((exchange) => look(exchange, evidence, kind));
    if (findings.length > 0) return verdictOf(findings, true);
    const asked = evidence.of(fixture, 'json');
    return answered(asked).some((exchange) => citationsOf(exchange).length > 0)
      ? satisfied()
      : withoutCitations(evidence, asked, `a citation of type ${kind.type}`);
  };
}

/** The first wrong citation of an answer: the others are wrong in the same way, and there may be thousands. */
function look(exchange: Exchange, evidence: Evidence, kind: CitationKind): Finding[] {
  for (const { citation, pointer } of citationsOf(exchange)) {
    const violations = evidence.violations('citation', citation);
    if (violations.length > 0 || !isObject(citation))
      return firstFew(schemaFindings(exchange, violations, { pointer }));
    const wrong = citation.type === kind.type ? kind.misplaced(citation, exchange) : otherKind(citation, kind);
    if (wrong !== null)
      return [finding(exchange, wrong.message, wrong.expected, wrong.actual, { pointer: `${pointer}${wrong.at}` })];
  }
  return [];
}

const otherKind = (citation: JsonObject, { type }: CitationKind): Misplaced => ({
  at: '/type',
  message: 'A citation is of a kind that its source does not have.',
  expected: quote(type),
  actual: quote(citation.type),
});

/** Citations on the text blocks of an answer. */
function citationsOf({ message }: Exchange): { citation: Json; pointer: string }[] {
  const content = message?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap((block, index) => {
    const list = get(block, 'type') === 'text' ? get(block, 'citations') : null;
    if (!Array.isArray(list)) return [];
    return list.map((citation, place) => ({ citation, pointer: `/content/${index}/citations/${place}` }));
  });
}

function withoutCitations(evidence: Evidence, asked: readonly Exchange[], expected: string): Judgement {
  const whole = answered(asked);
  if (whole.length === 0) {
    const half = asked.find((exchange) => succeeded(exchange) && exchange.message !== null);
    if (half !== undefined) return inconclusive(`${half.id} broke off before its end: ${answer(half)}`);
    return noAnswer(asked) ?? accepted()({ ...evidence, own: asked });
  }
  const told = whole.filter(({ message }) => saysBothWords(message!)).at(-1);
  if (told !== undefined) {
    if (!evidence.all.some((exchange) => citationsOf(exchange).length > 0)) {
      return inconclusive(
        'the answer is taken from the source, but no answer of this run holds a citation: the model did not cite, or the target ignores citations, which cannot be told apart',
        whole.length,
      );
    }
    const lost = 'Citations are asked for, the answer is taken from the source, and no citation came with it.';
    return violated(finding(told, lost, expected, replyText(told), { pointer: '/content' }), true);
  }
  return steered({
    subject: () => whole,
    control: () => evidence.of('words-in-prompt'),
    shows: saysBothWords,
    expected,
    lost: 'What is to be cited is lost: the answer lacks its words, which the model repeats when the prompt itself holds them.',
    needsEnd: true,
  })(evidence);
}

function arriveAsDeltas(evidence: Evidence): Judgement {
  const arrivals = evidence.all.flatMap(astray);
  if (arrivals.length > 0) {
    return violated(
      firstFew(arrivals.map(({ found }) => found)),
      arrivals.some(({ lost }) => lost),
    );
  }
  const streams = evidence.of('text-cited', 'stream');
  if (streams.some(hasDelta)) return satisfied();
  const whole = answered(streams).filter(({ message }) => saysBothWords(message!));
  if (whole.length > 0 && !evidence.of('text-cited', 'json').some((exchange) => citationsOf(exchange).length > 0))
    return inconclusive('no citation came in either transport, which cite.text.shape judges', whole.length);
  return withoutCitations(evidence, streams, 'a citations_delta');
}

const hasDelta = (exchange: Exchange): boolean =>
  readStream(exchange)?.blocks.some(({ deltas }) => deltas.some(({ delta }) => delta.type === 'citations_delta')) ??
  false;

/** Citations that come in another way than by their delta; `lost`: clients do not see them there. */
function astray(exchange: Exchange): { found: Finding; lost: boolean }[] {
  const expected = 'content_block_delta with {"type":"citations_delta","citation":{…}}';
  return (readStream(exchange)?.blocks ?? []).flatMap((block) => {
    const early = block.content?.citations;
    const inStart =
      block.type === 'text' && block.start !== null && Array.isArray(early) && early.length > 0
        ? [
            {
              found: atEvent(exchange, block.start, 'A text block starts with its citations.', expected, quote(early)),
              lost: false,
            },
          ]
        : [];
    const inDeltas = block.deltas.flatMap(({ event, delta }) => {
      const complaint = strayDelta(delta, block.type);
      return complaint === null
        ? []
        : [{ found: atEvent(exchange, event, complaint, expected, quote(delta), '/delta'), lost: true }];
    });
    return [...inStart, ...inDeltas];
  });
}

function strayDelta(delta: JsonObject, blockType: string | null): string | null {
  if (delta.type !== 'citations_delta') {
    const carries = [delta.citation, delta.citations].some((value) => isObject(value) || Array.isArray(value));
    return carries ? 'A citation comes with a delta of another type, where no client looks for it.' : null;
  }
  if (!isObject(delta.citation)) return 'A citations_delta does not hold one citation.';
  return blockType === null || blockType === 'text' ? null : 'A citations_delta belongs to a block that is no text.';
}
