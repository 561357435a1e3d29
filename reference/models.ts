import { isRejection } from './errors.js';
import type { Incoming } from './incoming.js';
import type { ModelDescription, Settings } from './options.js';
import { toPage } from './pages.js';
import type { Reply } from './reply.js';
import { findModel, modelNotFound } from './request-rules.js';
import { errorResponse, jsonResponse } from './responses.js';
import type { Call } from './stages.js';

/** `GET /v1/models`. Source: https://platform.claude.com/docs/en/api/models/list */
export function listModels(request: Incoming, call: Call): Reply {
  const { searchParams } = new URL(request.url);
  const lifecycles = searchParams.getAll('lifecycle[]');
  const models = call.settings.models
    .map((model) => modelInfo(model, call.settings))
    .filter((model) => lifecycles.length === 0 || lifecycles.includes(model.lifecycle));
  const page = toPage(models, searchParams);
  return isRejection(page) ? errorResponse(page, call) : jsonResponse(page, call);
}

/** `GET /v1/models/{id}`; also by an alias. Source: https://platform.claude.com/docs/en/api/models/retrieve */
export function getModel(_request: Incoming, call: Call, id: string): Reply {
  const model = findModel(call.settings.models, id);
  return model ? jsonResponse(modelInfo(model, call.settings), call) : errorResponse(modelNotFound(id), call);
}

function modelInfo(model: ModelDescription, { features, serverTools }: Settings) {
  const searches = features.tools && serverTools;
  const can = (supported: boolean) => ({ supported });
  const type = (name: 'adaptive' | 'between_tools' | 'disabled' | 'enabled') =>
    can(features.thinking && (model.thinking?.includes(name) ?? true));
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxTokens,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
    capabilities: {
      batch: can(features.batches),
      citations: can(features.documents),
      code_execution: can(false),
      image_input: can(features.vision),
      pdf_input: can(features.documents),
      structured_outputs: can(features['structured-output']),
      context_management: {
        supported: true,
        clear_thinking_20251015: can(true),
        clear_tool_uses_20250919: can(true),
        compact_20260112: can(false),
      },
      effort: { supported: true, low: can(true), medium: can(true), high: can(true), max: can(true), xhigh: can(true) },
      server_tools: { supported: searches, code_execution: can(false), web_search: can(searches) },
      thinking: {
        supported: features.thinking,
        types: {
          adaptive: type('adaptive'),
          between_tools: type('between_tools'),
          disabled: type('disabled'),
          enabled: type('enabled'),
        },
      },
    },
  };
}
