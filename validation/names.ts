/**
 * Names of schemas, each with its place: a file of `schemas/` and, after `#`, the definition inside it.
 */
const REFERENCES = {
  message: 'message.schema.json',
  contentBlock: 'content-block.schema.json',
  citation: 'citation.schema.json',
  usage: 'usage.schema.json',
  stopDetails: 'stop-details.schema.json',
  event: 'stream-event.schema.json',
  'event.message_start': 'stream-event.schema.json#/$defs/message_start',
  'event.content_block_start': 'stream-event.schema.json#/$defs/content_block_start',
  'event.content_block_delta': 'stream-event.schema.json#/$defs/content_block_delta',
  'event.content_block_stop': 'stream-event.schema.json#/$defs/content_block_stop',
  'event.message_delta': 'stream-event.schema.json#/$defs/message_delta',
  'event.message_stop': 'stream-event.schema.json#/$defs/message_stop',
  'event.ping': 'stream-event.schema.json#/$defs/ping',
  'event.error': 'stream-event.schema.json#/$defs/error',
  error: 'error.schema.json',
  request: 'request.schema.json',
  'request@2026-10-21': 'request-2026-10-21.schema.json',
  requestBeta: 'request-beta.schema.json',
  'requestBeta@2026-10-21': 'request-2026-10-21.schema.json#/$defs/requestBeta',
  countTokensRequest: 'count-tokens-request.schema.json',
  'countTokensRequest@2026-10-21': 'request-2026-10-21.schema.json#/$defs/countTokensRequest',
  countTokensRequestBeta: 'count-tokens-request.schema.json#/$defs/beta',
  'countTokensRequestBeta@2026-10-21': 'request-2026-10-21.schema.json#/$defs/countTokensRequestBeta',
  countTokens: 'count-tokens.schema.json',
  batchCreateRequest: 'batch-create-request.schema.json',
  'batchCreateRequest@2026-10-21': 'request-2026-10-21.schema.json#/$defs/batchCreateRequest',
  batchCreateEnvelope: 'batch-create-request.schema.json#/$defs/envelope',
  batchParams: 'batch-create-request.schema.json#/$defs/params',
  'batchParams@2026-10-21': 'request-2026-10-21.schema.json#/$defs/batchParams',
  modelsPage: 'models.schema.json',
  modelInfo: 'models.schema.json#/$defs/model',
  batch: 'batches.schema.json',
  batchPage: 'batches.schema.json#/$defs/page',
  batchResult: 'batches.schema.json#/$defs/result_line',
  batchDeleted: 'batches.schema.json#/$defs/deleted',
  file: 'files.schema.json',
  filePage: 'files.schema.json#/$defs/page',
  fileDeleted: 'files.schema.json#/$defs/deleted',
  fixtureFile: 'fixture.schema.json',
  gatewayCases: 'gateway-case.schema.json',
  openaiChatRequest: 'openai-chat-request.schema.json',
  openaiResponsesRequest: 'openai-responses-request.schema.json',
  contract: 'contract.schema.json',
  report: 'report.schema.json',
  baseline: 'baseline.schema.json',
  config: 'config.schema.json',
  fleet: 'fleet.schema.json',
} as const;

/** What a value can be validated against. */
export type SchemaName = keyof typeof REFERENCES;

/** All names, for tests and for the build. */
export const SCHEMA_NAMES = Object.keys(REFERENCES) as SchemaName[];

/** The file with the schema, relative to `schemas/`. */
export function schemaFile(name: SchemaName): string {
  return reference(name).replace(/#.*/, '');
}

/** The validators that the build puts into one file, because they are used together. */
export const SCHEMA_GROUPS = [
  'answers',
  'requests',
  'beta',
  'openaiChat',
  'openaiResponses',
  'settings',
  'own',
] as const;

/**
 * The group of a schema: what targets send, what clients send (beta apart, since it is the largest), other APIs, settings, which every run
 * checks, and other files of this project.
 */
export function schemaGroup(name: SchemaName): (typeof SCHEMA_GROUPS)[number] {
  if (name === 'config') return 'settings';
  if (['fixtureFile', 'gatewayCases', 'contract', 'report', 'fleet'].includes(name)) return 'own';
  if (name === 'openaiChatRequest') return 'openaiChat';
  if (name === 'openaiResponsesRequest') return 'openaiResponses';
  if (/Beta/.test(name)) return 'beta';
  return /equest|^batch(Create|Params)/.test(name) ? 'requests' : 'answers';
}

/** The file, among those of the groups, with validators that stop at the first violation: of values that are often large. */
export const LARGE_GROUP = 'large';

/**
 * The address of a schema for ajv: the `$id` of its file, with the definition as a fragment. A `$id` is the file's own name: relative,
 * so references between schemas resolve wherever the folder lies, in an installed package as on a server, and it promises no site.
 */
export const schemaAddress = (name: SchemaName): string => reference(name);

function reference(name: SchemaName): string {
  if (!Object.hasOwn(REFERENCES, name))
    throw new Error(`There is no schema "${name}"; the names are ${SCHEMA_NAMES.join(', ')}.`);
  return REFERENCES[name];
}
