import type { Suite } from '../core/requirement.js';
import { LIFE } from './judging/batch-life.js';
import {
  canceled,
  countsAddUp,
  creationFaults,
  deletedAfterEnd,
  expiryFaults,
  listed,
  notDeletedWhileRunning,
  sameBatch,
} from './judging/batch-objects.js';
import { oneLineEach, resultsUrl, resultTypes, tooEarly, validatesLater } from './judging/batch-results.js';
import { rejected } from './judging/judges.js';
import { BATCH, unknownIsNotFound, whereEndpointExists, whyNotOk } from './judging/other-endpoints.js';
import { schemaFindings, verdictOf } from './judging/outcomes.js';
import { worst } from './judging/tool-views.js';

export const batches: Suite = {
  name: 'batches',
  title: 'message batches: creation, state, results, deletion',
  requirements: [
    {
      id: 'batch.create',
      level: 'MUST',
      profile: 'batches',
      statement:
        'Creating a batch returns a `message_batch` with `processing_status` `in_progress` and all five `request_counts`.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-create'],
      judge: (evidence) => whyNotOk(evidence, evidence.own, BATCH) ?? verdictOf(evidence.own.flatMap(creationFaults)),
    },
    {
      id: 'batch.object.shape',
      level: 'MUST',
      profile: 'batches',
      statement:
        'A batch has all documented fields, `null` where allowed, and `expires_at` is 24 hours after `created_at`.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-create'],
      judge: (evidence) =>
        whyNotOk(evidence, evidence.own, BATCH) ??
        verdictOf(
          evidence.own.flatMap((exchange) => [
            ...schemaFindings(exchange, evidence.violations('batch', exchange.json)),
            ...expiryFaults(exchange),
          ]),
        ),
    },
    {
      id: 'batch.custom-id.unique',
      level: 'SHOULD',
      profile: 'batches',
      statement:
        'The server rejects a batch with a repeated or malformed `custom_id`, or without requests, as a client error (documented: 400).',
      source: ['H1', 'O24'],
      fixtures: ['batch-id-twice', 'batch-id-blank', 'batch-empty', 'batch-create'],
      judge: whereEndpointExists('batches', 'batch-create', BATCH, rejected()),
    },
    {
      id: 'batch.params.async',
      level: 'SHOULD',
      profile: 'batches',
      statement:
        'The server creates a batch that contains an invalid request; the result of that request is `errored`.',
      source: ['D:batch', 'H1'],
      fixtures: LIFE,
      judge: validatesLater,
    },
    {
      id: 'batch.retrieve',
      level: 'MUST',
      profile: 'batches',
      statement:
        'Retrieving a batch by its `id` returns the whole batch as created, also after its end; an unknown id gets 404.',
      source: ['T:batch', 'H1'],
      fixtures: [...LIFE, 'batch-unknown', 'batch-create'],
      judge: (evidence) =>
        worst(
          sameBatch(evidence),
          whereEndpointExists('batches', 'batch-create', BATCH, unknownIsNotFound('batch-unknown'))(evidence),
        ),
    },
    {
      id: 'batch.list',
      level: 'MUST',
      profile: 'batches',
      statement: 'The list of batches is a page, newest first, and includes batches created before the request.',
      source: ['T:batch', 'T:page'],
      fixtures: [...LIFE, 'batch-list'],
      judge: listed,
    },
    {
      id: 'batch.results-url',
      level: 'MUST',
      profile: 'batches',
      statement:
        '`results_url` is `null` until the batch has ended, then a URL from which the same key can fetch the results.',
      source: ['T:batch', 'H1'],
      fixtures: LIFE,
      judge: resultsUrl,
    },
    {
      id: 'batch.results.jsonl',
      level: 'MUST',
      profile: 'batches',
      statement: 'The results are JSON lines in any order: one object with `custom_id` and `result` for each request.',
      source: ['T:batch', 'H1'],
      fixtures: LIFE,
      judge: oneLineEach,
    },
    {
      id: 'batch.results.types',
      level: 'MUST',
      profile: 'batches',
      statement:
        'A `succeeded` result has a `message` with its content and token counts, an `errored` one an `error` in its envelope, a `canceled` or `expired` one neither.',
      source: ['T:batch', 'H1'],
      fixtures: LIFE,
      judge: resultTypes,
    },
    {
      id: 'batch.results.early',
      level: 'SHOULD',
      profile: 'batches',
      statement: 'The server answers a request for the results of a running batch with 404.',
      source: ['H1'],
      fixtures: LIFE,
      judge: tooEarly,
    },
    {
      id: 'batch.cancel',
      level: 'MUST',
      profile: 'batches',
      statement:
        'Canceling a batch returns the whole batch, with `processing_status` `canceling` or `ended` and a time in `cancel_initiated_at`.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-cancel'],
      judge: canceled,
    },
    {
      id: 'batch.delete',
      level: 'SHOULD',
      profile: 'batches',
      statement:
        'The server rejects deleting a running batch as a client error (documented: 400); deleting an ended one returns `message_batch_deleted`.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-cancel', ...LIFE],
      judge: (evidence) => worst(notDeletedWhileRunning(evidence), deletedAfterEnd(evidence)),
    },
    {
      id: 'batch.counts.sum',
      level: 'SHOULD',
      profile: 'batches',
      statement: 'The five `request_counts` of a batch always add up to the number of its requests.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-create', ...LIFE, 'batch-cancel'],
      judge: countsAddUp,
    },
  ],
};
