import { answer, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { streamControl } from './judging/arrival.js';
import {
  type CitationKind,
  citedPage,
  citedSearchResult,
  citedText,
  type Misplaced,
} from './judging/citation-places.js';
import { whereAccepted } from './judging/feature-gates.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, schemaFindings, verdictOf, violated } from './judging/outcomes.js';
import { replyText, steered } from './judging/steering.js';
import { saysBothWords } from './judging/steering-words.js';
import { answered, atEvent, firstFew, readStream } from './judging/views.js';

export const citations: Suite = {
  name: 'citations',
  title: 'citations of documents and search results',
  requirements: [
    {
      id: 'cite.text.shape',
      level: 'MUST',
      profile: 'documents',
      statement:
        'Citations of plain-text documents are `char_location`; `cited_text` is exactly the text between the indices (from 0, end exclusive).',
      source: ['D:cite', 'T:msg'],
      fixtures: ['text-cited', 'source-omitted', 'words-in-prompt'],
      judge: cites('text-cited', citedText),
    },
    {
      id: 'cite.pdf.shape',
      level: 'SHOULD',
      profile: 'documents',
      statement: 'Citations of a PDF are `page_location`; pages count from 1, and the end is exclusive.',
      source: ['D:cite'],
      fixtures: ['pdf-cited', 'source-omitted', 'words-in-prompt'],
      judge: cites('pdf-cited', citedPage),
    },
    {
      id: 'cite.stream.delta',
      level: 'MUST',
      profile: 'documents',
      statement: 'In a stream every citation is sent as a `citations_delta` of its text block.',
      source: ['D:cite', 'T:acc'],
      fixtures: ['text-cited', 'source-omitted', 'words-in-prompt', 'words-in-prompt-streamed'],
      judge: arriveAsDeltas,
    },
    {
      id: 'cite.all-or-none',
      level: 'SHOULD',
      profile: 'documents',
      statement:
        'The server rejects a request that enables citations on some of its documents but not on all, as a client error (documented: 400).',
      source: ['D:cite'],
      fixtures: ['cited-in-part', 'text-cited'],
      judge: whereAccepted('documents', ['text-cited'], rejected()),
    },
    {
      id: 'cite.search-result',
      level: 'MAY',
      profile: 'documents',
      statement: 'Citations of a `search_result` block are `search_result_location`.',
      source: ['D:search', 'T:msg'],
      fixtures: ['search-result-cited', 'source-omitted', 'words-in-prompt'],
      judge: cites('search-result-cited', citedSearchResult),
    },
  ],
};

/**
 * Citations of one fixture, streamed and not. JSON replies without citations violate the requirement in two cases: the reply uses the
 * source and another reply of the run has citations; or the reply lacks the words of the source, which the model repeats when the
 * prompt itself contains them.
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

/** The first wrong citation of a reply. There may be thousands, and they are wrong in the same way. */
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
  message: '`type` of a citation does not fit its source.',
  expected: quote(type),
  actual: quote(citation.type),
});

/** Citations on the text blocks of a reply. */
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
    if (half !== undefined) return inconclusive(`${half.id} ended early: ${answer(half)}`);
    return noAnswer(asked, evidence) ?? accepted()({ ...evidence, own: asked });
  }
  const informed = whole.filter(({ message }) => saysBothWords(message!)).at(-1);
  if (informed !== undefined) {
    if (!evidence.all.some((exchange) => citationsOf(exchange).length > 0)) {
      return inconclusive(
        'The reply uses the source, but no reply of this run has a citation. Either the model does not cite or the target ignores citations',
        whole.length,
      );
    }
    const lost = 'No citation, although the reply uses the source and the request enables citations.';
    return violated(finding(informed, lost, expected, replyText(informed), { pointer: '/content' }), true);
  }
  return steered({
    subject: () => whole,
    // A stream may lose what the model wrote: then its source is not to blame.
    control: () => [...evidence.of('words-in-prompt'), ...streamControl(evidence, whole[0]!.transport)],
    shows: saysBothWords,
    expected,
    lost: 'The source does not reach the model: the reply lacks its words, which the model repeats from a plain prompt.',
    needsEnd: true,
    // Each of the sources has eight words at least.
    without: ['source-omitted', 8],
  })(evidence);
}

function arriveAsDeltas(evidence: Evidence): Judgement {
  const arrivals = evidence.all.flatMap(misplacedCitations);
  if (arrivals.length > 0) {
    return violated(
      firstFew(arrivals.map(({ found }) => found)),
      arrivals.some(({ lost }) => lost),
    );
  }
  const streams = evidence.of('text-cited', 'stream');
  if (streams.some(hasDelta)) return satisfied();
  if (streams.some(succeeded) && streams.every(({ stream }) => stream === null))
    return inconclusive('Not tested: the reply is not a stream, see stream.http.status-type');
  const whole = answered(streams).filter(({ message }) => saysBothWords(message!));
  if (whole.length > 0 && !evidence.of('text-cited', 'json').some((exchange) => citationsOf(exchange).length > 0))
    return inconclusive('No reply has a citation, streamed or not; see cite.text.shape', whole.length);
  return withoutCitations(evidence, streams, 'a citations_delta');
}

const hasDelta = (exchange: Exchange): boolean =>
  readStream(exchange)?.blocks.some(({ deltas }) => deltas.some(({ delta }) => delta.type === 'citations_delta')) ??
  false;

/** Citations that are not sent as their delta. `lost`: clients do not see them there. */
function misplacedCitations(exchange: Exchange): { found: Finding; lost: boolean }[] {
  const expected = 'content_block_delta with {"type":"citations_delta","citation":{…}}';
  return (readStream(exchange)?.blocks ?? []).flatMap((block) => {
    const early = block.content?.citations;
    const inStart =
      block.type === 'text' && block.start !== null && Array.isArray(early) && early.length > 0
        ? [
            {
              found: atEvent(
                exchange,
                block.start,
                '`content_block_start` of a text block already has citations.',
                expected,
                quote(early),
              ),
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
    return carries ? 'A citation is in a delta of another type, which clients ignore.' : null;
  }
  if (!isObject(delta.citation)) return '`citation` of a `citations_delta` is not an object.';
  return blockType === null || blockType === 'text' ? null : 'A `citations_delta` belongs to a block that is not text.';
}
