/** Which types of the SDK each schema describes. */

/** Modules of the SDK by the names that type expressions use. */
export const MODULES = {
  messages: 'resources/messages/messages',
  batches: 'resources/messages/batches',
  models: 'resources/models',
  files: 'resources/files',
  shared: 'resources/shared',
  betaMessages: 'resources/beta/messages/messages',
  betaBatches: 'resources/beta/messages/batches',
  pages: 'core/pagination',
} as const;

export interface NamedPair {
  /** A reference into `schemas/`. */
  schema: string;
  /** Type expressions. */
  sdk: readonly string[];
}

/**
 * Pairs that are compared together. Requests are strict, so what beta headers unlock is kept apart; answers may hold beta
 * fields at any time and are described by one schema for both.
 */
export const GROUPS: readonly (readonly NamedPair[])[] = [
  [
    { schema: 'request.schema.json', sdk: ['messages.MessageCreateParams'] },
    { schema: 'count-tokens-request.schema.json', sdk: ['messages.MessageCountTokensParams'] },
    { schema: 'batch-create-request.schema.json', sdk: ['batches.BatchCreateParams'] },
  ],
  [
    { schema: 'request-beta.schema.json', sdk: ['betaMessages.MessageCreateParams'] },
    { schema: 'count-tokens-request.schema.json#/$defs/beta', sdk: ['betaMessages.MessageCountTokensParams'] },
  ],
  [
    { schema: 'message.schema.json', sdk: ['messages.Message', 'betaMessages.BetaMessage'] },
    {
      schema: 'stream-event.schema.json',
      sdk: ['messages.RawMessageStreamEvent', 'betaMessages.BetaRawMessageStreamEvent'],
    },
    { schema: 'count-tokens.schema.json', sdk: ['messages.MessageTokensCount', 'betaMessages.BetaMessageTokensCount'] },
    { schema: 'error.schema.json', sdk: ['shared.ErrorResponse'] },
    { schema: 'error.schema.json#/properties/error/properties/type', sdk: ['shared.ErrorType'] },
    { schema: 'error.schema.json#/$defs/details', sdk: ['shared.ErrorDetails'] },
    { schema: 'models.schema.json', sdk: ['pages.PageResponse<models.ModelInfo>'] },
    { schema: 'batches.schema.json', sdk: ['batches.MessageBatch', 'betaBatches.BetaMessageBatch'] },
    { schema: 'batches.schema.json#/$defs/page', sdk: ['pages.PageResponse<batches.MessageBatch>'] },
    {
      schema: 'batches.schema.json#/$defs/result_line',
      sdk: ['batches.MessageBatchIndividualResponse', 'betaBatches.BetaMessageBatchIndividualResponse'],
    },
    {
      schema: 'batches.schema.json#/$defs/deleted',
      sdk: ['batches.DeletedMessageBatch', 'betaBatches.BetaDeletedMessageBatch'],
    },
    { schema: 'files.schema.json#/$defs/page', sdk: ['pages.PageCursorResponse<files.FileMetadata>'] },
    { schema: 'files.schema.json#/$defs/deleted', sdk: ['files.DeletedFile'] },
    {
      schema: 'tool-input.schema.json#/browser',
      sdk: ['ByName<messages.BrowserToolUseBlock>', 'ByName<betaMessages.BetaBrowserToolUseBlock>'],
    },
    {
      schema: 'tool-input.schema.json#/computer',
      sdk: ['ByName<messages.ComputerToolUseBlock>', 'ByName<betaMessages.BetaComputerToolUseBlock>'],
    },
    { schema: 'tool-input.schema.json#/memory', sdk: ['ByCommand<betaMessages.BetaMemoryTool20250818Command>'] },
  ],
];
