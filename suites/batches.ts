import type { Suite } from '../core/requirement.js';
import { LIFE } from './judging/batch-life.js';
import {
  canceled,
  countsAddUp,
  creationFaults,
  deletedAtLast,
  expiryFaults,
  keptWhileRunning,
  listed,
  sameBatch,
} from './judging/batch-objects.js';
import { checkedLater, oneLineEach, resultsUrl, resultTypes, tooEarly } from './judging/batch-results.js';
import { rejected } from './judging/judges.js';
import { BATCH, unknownIsNotFound, whereThere, whyNotOk } from './judging/other-endpoints.js';
import { schemaFindings, verdictOf } from './judging/outcomes.js';
import { worst } from './judging/tool-views.js';

export const batches: Suite = {
  name: 'batches',
  title: 'message batches from their creation to their end',
  requirements: [
    {
      id: 'batch.create',
      level: 'MUST',
      profile: 'batches',
      statement: 'Creating a batch is answered with a message_batch that is in_progress and holds all five counts.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-create'],
      judge: (evidence) => whyNotOk(evidence, evidence.own, BATCH) ?? verdictOf(evidence.own.flatMap(creationFaults)),
    },
    {
      id: 'batch.object.shape',
      level: 'MUST',
      profile: 'batches',
      statement:
        'A batch has all its fields, null where that is documented, and expires 24 hours after it was created.',
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
        'A batch in which a custom_id is given twice or ill-formed, or which holds no request, is refused at its creation (400 documented).',
      source: ['H1', 'O24'],
      fixtures: ['batch-id-twice', 'batch-id-blank', 'batch-empty', 'batch-create'],
      judge: whereThere('batches', 'batch-create', BATCH, rejected()),
    },
    {
      id: 'batch.params.async',
      level: 'SHOULD',
      profile: 'batches',
      statement: 'A batch with an invalid request is created all the same, and this request ends as errored.',
      source: ['D:batch', 'H1'],
      fixtures: LIFE,
      judge: checkedLater,
    },
    {
      id: 'batch.retrieve',
      level: 'MUST',
      profile: 'batches',
      statement: 'A batch is found by its id as it was created, and an id that nobody has is answered with 404.',
      source: ['T:batch', 'H1'],
      fixtures: [...LIFE, 'batch-unknown', 'batch-create'],
      judge: (evidence) =>
        worst(
          sameBatch(evidence),
          whereThere('batches', 'batch-create', BATCH, unknownIsNotFound('batch-unknown'))(evidence),
        ),
    },
    {
      id: 'batch.list',
      level: 'MUST',
      profile: 'batches',
      statement: 'The list of batches is a page, newest first, and holds a batch that was created before.',
      source: ['T:batch', 'T:page'],
      fixtures: [...LIFE, 'batch-list'],
      judge: listed,
    },
    {
      id: 'batch.results-url',
      level: 'MUST',
      profile: 'batches',
      statement:
        'The results_url is null until the batch has ended, and then an address where the same key gets the results.',
      source: ['T:batch', 'H1'],
      fixtures: LIFE,
      judge: resultsUrl,
    },
    {
      id: 'batch.results.jsonl',
      level: 'MUST',
      profile: 'batches',
      statement: 'The results are lines of JSON, one with custom_id and result for each request, in any order.',
      source: ['T:batch', 'H1'],
      fixtures: LIFE,
      judge: oneLineEach,
    },
    {
      id: 'batch.results.types',
      level: 'MUST',
      profile: 'batches',
      statement:
        'A result that succeeded holds a message, one that errored an error in its envelope, one that was canceled or expired neither.',
      source: ['T:batch', 'H1'],
      fixtures: LIFE,
      judge: resultTypes,
    },
    {
      id: 'batch.results.early',
      level: 'SHOULD',
      profile: 'batches',
      statement: 'Results that are asked for before the batch has ended are answered with 404.',
      source: ['H1'],
      fixtures: LIFE,
      judge: tooEarly,
    },
    {
      id: 'batch.cancel',
      level: 'MUST',
      profile: 'batches',
      statement: 'Canceling is answered with the batch, canceling or ended, and with the time in cancel_initiated_at.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-cancel'],
      judge: canceled,
    },
    {
      id: 'batch.delete',
      level: 'SHOULD',
      profile: 'batches',
      statement:
        'Deleting a batch that runs is refused as a client error (400 documented); of one that has ended it is answered with message_batch_deleted.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-cancel', ...LIFE],
      judge: (evidence) => worst(keptWhileRunning(evidence), deletedAtLast(evidence)),
    },
    {
      id: 'batch.counts.sum',
      level: 'SHOULD',
      profile: 'batches',
      statement: 'The five counts of a batch always add up to the number of its requests.',
      source: ['T:batch', 'H1'],
      fixtures: ['batch-create', ...LIFE, 'batch-cancel'],
      judge: countsAddUp,
    },
  ],
};
