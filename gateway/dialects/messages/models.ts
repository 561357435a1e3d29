import type { JsonObject } from '../../../core/json.js';
import { UPSTREAM_MODEL } from '../dialect.js';

/** `GET /v1/models` of the Messages API, or one model. Source: https://platform.claude.com/docs/en/api/models/list */
export const messagesModels = (id: string | null): JsonObject =>
  id === null
    ? { data: [model(UPSTREAM_MODEL)], has_more: false, first_id: UPSTREAM_MODEL, last_id: UPSTREAM_MODEL }
    : model(id);

const model = (id: string): JsonObject => ({
  type: 'model',
  id,
  display_name: 'Model of the upstream',
  created_at: '2025-10-09T08:53:20Z',
});
