import type { JsonObject } from '../../core/json.js';
import { UPSTREAM_MODEL } from './dialect.js';

/** `GET /v1/models` of OpenAI's APIs, or one model. Source: https://platform.openai.com/docs/api-reference/models */
export const openaiModels = (id: string | null): JsonObject =>
  id === null ? { object: 'list', data: [model(UPSTREAM_MODEL)] } : model(id);

const model = (id: string): JsonObject => ({
  id,
  object: 'model',
  created: 1_760_000_000,
  owned_by: 'messages-conformance',
});
