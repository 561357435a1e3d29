import { answer, rejectedAsInvalid } from '../core/answers.js';
import { text } from '../core/message.js';
import type { Judge, Suite } from '../core/requirement.js';
import { inOrder } from '../core/text.js';
import { whereTaken } from './judging/feature-gates.js';
import { rejected } from './judging/judges.js';
import { inconclusive } from './judging/outcomes.js';
import { steered } from './judging/steering.js';
import { worst } from './judging/tool-views.js';

/** The words of the documents, of which `document-kinds` has one in each. */
const FIRST = [/PINEAPPLE/i];
const SECOND = [/MANGO/i];
const BOTH = [/PINEAPPLE/i, /MANGO/i];

/** Any document that is served shows that documents are taken. */
const ANY = ['document-kinds', 'document-text'];

export const documents: Suite = {
  name: 'documents',
  title: 'document blocks: taken, read, and never dropped',
  requirements: [
    {
      id: 'doc.pdf.base64',
      level: 'MUST',
      profile: 'documents',
      statement: 'A PDF as base64 in a document block is served, and the model reads it.',
      source: ['D:pdf', 'T:msg'],
      fixtures: ['pdf-cited', 'document-pdf', 'words-in-prompt'],
      judge: reads({ among: 'pdf-cited', alone: ['document-pdf'], shows: BOTH, what: 'the name in the PDF' }),
    },
    {
      id: 'doc.text',
      level: 'MUST',
      profile: 'documents',
      statement: 'A document of plain text is served, and the model reads it.',
      source: ['T:msg', 'D:cite'],
      fixtures: ['document-kinds', 'document-text', 'words-in-prompt'],
      judge: reads({
        among: 'document-kinds',
        alone: ['document-text'],
        shows: FIRST,
        what: 'the word in the plain text',
      }),
    },
    {
      id: 'doc.content',
      level: 'SHOULD',
      profile: 'documents',
      statement:
        'A document whose source is content, text blocks or one string, is served, and the model reads all of it.',
      source: ['T:msg', 'D:cite'],
      fixtures: ['document-kinds', 'document-content', 'document-content-string', 'words-in-prompt'],
      judge: (evidence) =>
        worst(
          reads({
            among: 'document-kinds',
            alone: ['document-content'],
            shows: SECOND,
            what: 'the word in the last block of the content',
          })(evidence),
          ...(evidence.of('document-content-string').length === 0
            ? []
            : [
                reads({ among: 'document-content-string', alone: [], shows: BOTH, what: 'the words in the content' })(
                  evidence,
                ),
              ]),
        ),
    },
    {
      id: 'doc.pdf.invalid',
      level: 'SHOULD',
      profile: 'documents',
      statement: 'A PDF whose bytes are none is refused as a client error (400 documented).',
      source: ['D:pdf'],
      fixtures: ['document-no-pdf', 'pdf-cited'],
      judge: whereTaken('documents', ['pdf-cited'], rejected({ silent: true })),
    },
    {
      id: 'ver.2026-10-21.assistant-document',
      level: 'MAY',
      profile: 'documents',
      statement:
        'Under 2026-10-21 a document directly in an assistant message is refused as a client error (400 documented).',
      source: ['D:mig'],
      fixtures: ['newer-document-from-assistant', 'version-2026-10-21', ...ANY],
      editions: ['2026-10-21'],
      judge: whereTaken(
        'documents',
        ANY,
        rejected({ optional: 'it is taken as under 2023-06-01, as the protocol leaves open' }),
      ),
    },
    {
      id: 'ver.2026-10-21.user-citations',
      level: 'MAY',
      profile: 'documents',
      statement: 'Under 2026-10-21 citations on a text of the user are refused as a client error (400 documented).',
      source: ['D:mig'],
      fixtures: ['newer-citations-from-user', 'version-2026-10-21', ...ANY],
      editions: ['2026-10-21'],
      judge: whereTaken(
        'documents',
        ANY,
        rejected({ optional: 'they are taken as under 2023-06-01, as the protocol leaves open' }),
      ),
    },
  ],
};

interface Reading {
  /** The fixture that may hold other things beside what is read. */
  among: string;
  /** The one that is sent by itself where the other is refused. */
  alone: readonly string[];
  /** Words in their order. */
  shows: readonly RegExp[];
  what: string;
}

/** The control is the prompt that holds the same words itself: a model that cannot repeat them there proves nothing here. */
function reads({ among, alone, shows, what }: Reading): Judge {
  return (evidence) => {
    const shared = evidence.of(among);
    const single = alone.flatMap((id) => evidence.of(id));
    const first = shared[0];
    if (first !== undefined && single.length === 0 && alone.length > 0 && shared.every(rejectedAsInvalid))
      return inconclusive(`${first.id} was answered ${answer(first)}, and ${alone.join()} was not tried by itself`);
    return steered({
      subject: () => (single.length > 0 ? single : shared),
      control: () => evidence.of('words-in-prompt'),
      shows: (message) => inOrder(text(message), shows),
      expected: what,
      lost: `The document is lost, or a part of it: the answer lacks ${what}, which the model repeats when the prompt itself holds it.`,
      needsEnd: true,
    })(evidence);
  };
}
