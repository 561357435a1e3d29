import { answer, isUnsupported, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { controlTrouble } from './judging/controls.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, satisfied, schemaFindings, verdictOf, violated } from './judging/outcomes.js';
import { steered } from './judging/steering.js';
import { saysBothWords } from './judging/steering-words.js';
import { firstFew } from './judging/views.js';

export const files: Suite = {
  name: 'files',
  title: 'files: upload, use, list, metadata, deletion',
  requirements: [
    {
      id: 'files.upload',
      level: 'MUST',
      profile: 'documents',
      statement:
        'An upload as multipart/form-data returns the metadata of the file: `type` "file", `id`, `filename`, `mime_type`, `size_bytes`, `created_at`.',
      source: ['T:files', 'D:files'],
      fixtures: ['file-life', 'words-in-prompt'],
      judge: uploaded,
    },
    {
      id: 'files.use',
      level: 'MUST',
      profile: 'documents',
      statement:
        'The server accepts the `id` of an uploaded file as the source of a document and passes the file to the model.',
      source: ['T:msg', 'D:files'],
      fixtures: ['file-life', 'document-omitted', 'words-in-prompt'],
      judge: used,
    },
    {
      id: 'files.list-get-delete',
      level: 'MUST',
      profile: 'documents',
      statement:
        'The list (`data`, and `next_page` where there are more) and the metadata of a file match its upload. Deleting it returns `file_deleted`; after that it gets 404.',
      source: ['T:files', 'D:files'],
      fixtures: ['file-life', 'words-in-prompt'],
      judge: livesAndEnds,
    },
  ],
};

/** The turns of `file-life`. */
const TURN = { upload: 1, use: 2, list: 3, describe: 4, delete: 5, after: 6 } as const;

/** The uploaded file, `fixtures/assets/code-words.txt`. */
const FILE = { filename: 'code-words.txt', mime_type: 'text/plain', size_bytes: 65 } as const;

const turn = (evidence: Evidence, number: number): Exchange[] =>
  evidence.of('file-life').filter((exchange) => exchange.turn === number);

/** A clean rejection: 404 or 501 when the target has no files endpoint, 403 when the account may not use it, or another client error. */
const isDeclined = (exchange: Exchange): boolean => isUnsupported(exchange) || status(exchange) === 403;

/** Why later turns show nothing: no upload succeeded. `null` when one did. */
function withoutUpload(evidence: Evidence): Judgement | null {
  const uploads = turn(evidence, TURN.upload);
  if (uploads.some(succeeded)) return null;
  const nothing = noAnswer(uploads, evidence);
  if (nothing !== null) return nothing;
  const untested = controlTrouble(evidence, uploads);
  if (untested !== null) return untested;
  const findings = uploads.map((exchange) =>
    finding(exchange, 'The upload of a file fails.', 'HTTP 200 with the metadata of the file', answer(exchange)),
  );
  return uploads.every(isDeclined) ? { outcome: 'rejected', findings } : violated(findings);
}

function uploaded(evidence: Evidence): Judgement {
  const without = withoutUpload(evidence);
  if (without !== null) return without;
  const findings = turn(evidence, TURN.upload)
    .filter(succeeded)
    .flatMap((exchange) => metadataFaults(exchange, evidence, FILE, 'differs from the uploaded file'));
  return verdictOf(findings);
}

function used(evidence: Evidence): Judgement {
  return (
    withoutUpload(evidence) ??
    steered({
      subject: () => turn(evidence, TURN.use),
      control: () => evidence.of('words-in-prompt'),
      shows: saysBothWords,
      expected: 'the two words of the file',
      lost: 'The file does not reach the model: the reply lacks its words, which the model repeats from a plain prompt.',
      needsEnd: true,
      // Its twelve words cost a token each at least.
      without: ['document-omitted', 12],
    })(evidence)
  );
}

/** Judges the attempt that came furthest: the target may have told an earlier one to try again later. */
function livesAndEnds(evidence: Evidence): Judgement {
  const without = withoutUpload(evidence);
  if (without !== null) return without;
  const all = evidence.of('file-life');
  const last = all.reduce((best, exchange) => (exchange.turn >= best.turn ? exchange : best), all[0]!);
  const life = all.filter(({ attempt, transport }) => attempt === last.attempt && transport === last.transport);
  const at = (number: number): Exchange | undefined => life.find((exchange) => exchange.turn === number);
  const upload = at(TURN.upload)?.json;
  const gone = at(TURN.delete);
  const after = gone !== undefined && succeeded(gone) ? at(TURN.after) : undefined;
  const findings = [
    ...look(evidence, at(TURN.list), (exchange) => listed(exchange, evidence, upload)),
    ...look(evidence, at(TURN.describe), (exchange) =>
      metadataFaults(exchange, evidence, isObject(upload) ? upload : {}, 'differs from the upload'),
    ),
    ...look(evidence, gone, (exchange) => deleted(exchange, evidence, upload)),
    ...(after === undefined || noAnswer([after], evidence) !== null || status(after) === 404
      ? []
      : [stillThere(after, isStored(after, at(TURN.describe), at(TURN.upload)))]),
  ];
  if (findings.length > 0) return violated(findings, after !== undefined && succeeded(after));
  if (last.turn === TURN.after) return noAnswer(life, evidence) ?? withNextPage(at(TURN.list));
  return noAnswer(life, evidence) ?? inconclusive(`Nothing was sent after ${last.id}`, last.attempt);
}

/** Findings about a successful response; any other response is a finding. */
function look(evidence: Evidence, exchange: Exchange | undefined, view: (exchange: Exchange) => Finding[]): Finding[] {
  if (exchange === undefined || noAnswer([exchange], evidence) !== null) return [];
  if (succeeded(exchange)) return view(exchange);
  const { method, url } = exchange.request;
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  return [finding(exchange, `${method} ${path} fails after the upload of the file.`, 'HTTP 200', answer(exchange))];
}

/** The types of the official clients have `next_page`, but they read an absent one as null: nothing breaks. Source: T:page. */
function withNextPage(list: Exchange | undefined): Judgement {
  if (list === undefined || get(list.json, 'next_page') !== undefined) return satisfied();
  const message = '`next_page` is missing in the list of files; clients read it as null.';
  return deviates(finding(list, message, 'null on the last page', 'missing', { pointer: '/next_page' }));
}

const COMPARED = ['id', 'filename', 'mime_type', 'size_bytes'] as const;

/** Metadata that violate their schema or differ from `expected`. `difference` ends the sentence of the finding. */
function metadataFaults(exchange: Exchange, evidence: Evidence, expected: JsonObject, difference: string): Finding[] {
  const violations = evidence.violations('file', exchange.json);
  if (violations.length > 0) return firstFew(schemaFindings(exchange, violations));
  return differences(exchange, expected, exchange.json, difference, '');
}

function differences(
  exchange: Exchange,
  expected: JsonObject,
  actual: unknown,
  difference: string,
  pointer: string,
): Finding[] {
  return COMPARED.filter((key) => {
    const [wanted, given] = [get(expected, key), get(actual, key)];
    // A media type may have a charset.
    const value = key === 'mime_type' && typeof given === 'string' ? given.split(';')[0] : given;
    const other = key === 'mime_type' && typeof wanted === 'string' ? wanted.split(';')[0] : wanted;
    return other !== undefined && other !== value;
  }).map((key) =>
    finding(exchange, `\`${key}\` ${difference}.`, quote(get(expected, key)), quote(get(actual, key)), {
      pointer: `${pointer}/${key}`,
    }),
  );
}

function listed(exchange: Exchange, evidence: Evidence, upload: unknown): Finding[] {
  const violations = evidence.violations('filePage', exchange.json);
  if (violations.length > 0) return firstFew(schemaFindings(exchange, violations));
  const data = get(exchange.json, 'data') as JsonObject[];
  const again = data.findIndex(({ id }, at) => data.findIndex((file) => file.id === id) < at);
  if (again >= 0) {
    const pointer = `/data/${again}/id`;
    return [finding(exchange, 'The list has a file twice.', 'each file once', quote(data[again]!.id), { pointer })];
  }
  const index = data.findIndex(({ id }) => id === get(upload, 'id'));
  if (index >= 0 && isObject(upload))
    return differences(exchange, upload, data[index], 'in the list differs from the upload', `/data/${index}`);
  // It may be on a later page. Clients read an absent `next_page` as null.
  if ((get(exchange.json, 'next_page') ?? null) !== null) return [];
  return [
    finding(
      exchange,
      'The list lacks the uploaded file and has no further page.',
      `a file with the id ${quote(get(upload, 'id'))}`,
      `${data.length} other files`,
      { pointer: '/data' },
    ),
  ];
}

function deleted(exchange: Exchange, evidence: Evidence, upload: unknown): Finding[] {
  const violations = evidence.violations('fileDeleted', exchange.json);
  if (violations.length > 0) return firstFew(schemaFindings(exchange, violations));
  const [wanted, given] = [get(upload, 'id'), get(exchange.json, 'id')];
  if (wanted === given) return [];
  return [finding(exchange, '`id` of the deletion is another file.', quote(wanted), quote(given), { pointer: '/id' })];
}

/** Whether an answer has the `request-id` of an earlier one, and the target has others. */
function isStored(exchange: Exchange, earlier: Exchange | undefined, other: Exchange | undefined): boolean {
  const id = exchange.header('request-id');
  return id !== null && id === earlier?.header('request-id') && id !== other?.header('request-id');
}

const stillThere = (exchange: Exchange, isFromStore: boolean): Finding =>
  finding(
    exchange,
    !succeeded(exchange)
      ? 'No HTTP 404 for a deleted file.'
      : isFromStore
        ? 'A stored answer says that the deleted file exists: it has the `request-id` of the one before the deletion.'
        : 'The deleted file still exists.',
    'HTTP 404 not_found_error',
    answer(exchange),
  );
