import { answer, rejectedAsInvalid } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { text } from '../core/message.js';
import type { Evidence, Judge, Judgement, Suite } from '../core/requirement.js';
import { inOrder } from '../core/text.js';
import { whereAccepted } from './judging/feature-gates.js';
import { addsLess } from './judging/input-counts.js';
import { rejected } from './judging/judges.js';
import { finding, inconclusive, violated } from './judging/outcomes.js';
import { replyText, type Steering, steered } from './judging/steering.js';
import { worst } from './judging/tool-views.js';
import { finished } from './judging/views.js';

/** The words in the documents. `document-kinds` has one of them in each document. */
const FIRST = [/PINEAPPLE/i];
const SECOND = [/MANGO/i];
const BOTH = [/PINEAPPLE/i, /MANGO/i];

/** The question without a document, and the words of each document, of which each costs a token at least. */
const OMITTED = ['document-omitted', 12] as const;

/** Fixtures that show whether the target accepts documents. */
const ANY = ['document-kinds', 'document-text'];

export const documents: Suite = {
  name: 'documents',
  title: 'document blocks: accepted and passed to the model',
  requirements: [
    {
      id: 'doc.pdf.base64',
      level: 'MUST',
      profile: 'documents',
      statement: 'The server accepts a PDF as base64 in a `document` block and passes its text to the model.',
      source: ['D:pdf', 'T:msg'],
      fixtures: ['pdf-cited', 'document-pdf', 'pdf-omitted', 'words-in-prompt'],
      judge: reads({
        whole: 'pdf-cited',
        part: ['document-pdf'],
        shows: BOTH,
        what: 'the name in the PDF',
        without: ['pdf-omitted', 8],
      }),
    },
    {
      id: 'doc.text',
      level: 'MUST',
      profile: 'documents',
      statement: 'The server accepts a plain-text document and passes its text to the model.',
      source: ['T:msg', 'D:cite'],
      fixtures: ['document-kinds', 'document-text', 'document-omitted', 'words-in-prompt'],
      judge: reads({
        whole: 'document-kinds',
        part: ['document-text'],
        shows: FIRST,
        what: 'the word in the plain text',
        without: OMITTED,
      }),
    },
    {
      id: 'doc.content',
      level: 'SHOULD',
      profile: 'documents',
      statement:
        'The server accepts a document with a `content` source, as text blocks or one string, and passes all of it to the model.',
      source: ['T:msg', 'D:cite'],
      fixtures: [
        'document-kinds',
        'document-content',
        'document-content-string',
        'document-text',
        'document-omitted',
        'words-in-prompt',
      ],
      judge: (evidence) =>
        worst(
          reads({
            whole: 'document-kinds',
            part: ['document-content'],
            shows: SECOND,
            what: 'the word in the last block of `content`',
            without: OMITTED,
          })(evidence),
          ...(evidence.of('document-content-string').length === 0
            ? []
            : [
                reads({ whole: 'document-content-string', part: [], shows: BOTH, what: 'the words in `content`' })(
                  evidence,
                ),
              ]),
        ),
    },
    {
      id: 'doc.pdf.invalid',
      level: 'SHOULD',
      profile: 'documents',
      statement: 'The server rejects a PDF block whose data is not a PDF as a client error (documented: 400).',
      source: ['D:pdf'],
      fixtures: ['document-no-pdf', 'pdf-cited'],
      judge: whereAccepted('documents', ['pdf-cited'], rejected({ silent: true })),
    },
    {
      id: 'ver.2026-10-21.assistant-document',
      level: 'MAY',
      profile: 'documents',
      statement:
        'Under 2026-10-21 the server rejects a document in an assistant message as a client error (documented: 400).',
      source: ['D:mig'],
      fixtures: ['newer-document-from-assistant', 'version-2026-10-21', ...ANY],
      editions: ['2026-10-21'],
      judge: whereAccepted(
        'documents',
        ANY,
        rejected({ optional: 'The target accepts it as under 2023-06-01, which is allowed' }),
      ),
    },
    {
      id: 'ver.2026-10-21.user-citations',
      level: 'MAY',
      profile: 'documents',
      statement:
        'Under 2026-10-21 the server rejects `citations` on a user text block as a client error (documented: 400).',
      source: ['D:mig'],
      fixtures: ['newer-citations-from-user', 'version-2026-10-21', ...ANY],
      editions: ['2026-10-21'],
      judge: whereAccepted(
        'documents',
        ANY,
        rejected({ optional: 'The target accepts them as under 2023-06-01, which is allowed' }),
      ),
    },
  ],
};

interface Reading {
  /** The fixture that may also contain other documents. */
  whole: string;
  /** The fixtures with only this document, sent when the target rejects the whole. */
  part: readonly string[];
  /** Words of the document, in their order. */
  shows: readonly RegExp[];
  /** What the reply should contain. */
  what: string;
  without?: Steering['without'];
}

/** The control is a prompt that contains the same words. A model that cannot repeat them from there proves nothing. */
function reads({ whole, part, shows, what, without }: Reading): Judge {
  return (evidence) => {
    const subject = evidence.resolve({ whole, part });
    const first = subject[0];
    const alone = part.flatMap((id) => evidence.of(id));
    const wasSplit = alone.length > 0;
    const lost = whole === 'document-kinds' && wasSplit ? lostBesideAnother(evidence, alone, shows, what) : null;
    if (lost !== null) return lost;
    if (first !== undefined && part.length > 0 && !wasSplit && subject.every(rejectedAsInvalid))
      return inconclusive(`${first.id} was rejected (${answer(first)}), and ${part.join()} was not sent`);
    return steered({
      subject: () => subject,
      control: () => evidence.of('words-in-prompt'),
      shows: (message) => inOrder(text(message), shows),
      expected: what,
      lost: `The document does not reach the model: the reply lacks ${what}, which it repeats from a plain prompt.`,
      needsEnd: true,
      ...(without !== undefined && { without }),
    })(evidence);
  };
}

/** Each document of `document-kinds` has some 40 tokens, all of `document-text` has 16: with both there are 60 more at least. */
const LEAST_OF_BOTH = 45;

/** One document of two, or both, are dropped. Only the input tokens tell it from a weak model. */
function lostBesideAnother(
  evidence: Evidence,
  alone: readonly Exchange[],
  shows: readonly RegExp[],
  what: string,
): Judgement | null {
  const arrives = ({ message }: Exchange): boolean => inOrder(text(message), shows);
  const asked = evidence.of('document-kinds');
  const ended = finished(asked);
  const last = ended.at(-1);
  if (last === undefined || ended.some(arrives)) return null;
  const counts = addsLess(evidence, asked, evidence.of('document-text'), LEAST_OF_BOTH);
  if (counts === null) return null;
  const fault = alone.some(arrives)
    ? 'One of two documents is lost; in a request of its own it arrives.'
    : 'A document is lost: two of them have hardly more input tokens than a short one.';
  const actual = `${replyText(last)}; ${counts.all} input tokens, and ${counts.rest} for one short document`;
  return violated(finding(last, fault, what, actual), true);
}
