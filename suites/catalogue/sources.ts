/** Sources of the rules: the tags that requirements cite, with their titles and public addresses. */

import type { Source } from '../../core/requirement.js';

const DOCS = 'https://platform.claude.com/docs/en';
const TS_CLIENT = 'https://github.com/anthropics/anthropic-sdk-typescript';

const TITLES: Readonly<Record<string, readonly [title: string, url: string | null]>> = {
  S1: ['relax.ai: Create Messages', null],
  'T:msg': ['@anthropic-ai/sdk 1.14.0, types of messages', TS_CLIENT],
  'T:beta': ['@anthropic-ai/sdk 1.14.0, types of beta messages', TS_CLIENT],
  'T:shared': ['@anthropic-ai/sdk 1.14.0, shared error types', TS_CLIENT],
  'T:err': ['@anthropic-ai/sdk 1.14.0, error classes', TS_CLIENT],
  'T:client': ['@anthropic-ai/sdk 1.14.0, HTTP client', TS_CLIENT],
  'T:sse': ['@anthropic-ai/sdk 1.14.0, event stream decoder', TS_CLIENT],
  'T:acc': ['@anthropic-ai/sdk 1.14.0, stream accumulator', TS_CLIENT],
  'T:parse': ['@anthropic-ai/sdk 1.14.0, response parsing', TS_CLIENT],
  'T:page': ['@anthropic-ai/sdk 1.14.0, pagination', TS_CLIENT],
  'T:models': ['@anthropic-ai/sdk 1.14.0, models', TS_CLIENT],
  'T:batch': ['@anthropic-ai/sdk 1.14.0, message batches', TS_CLIENT],
  'T:files': ['@anthropic-ai/sdk 1.14.0, files', TS_CLIENT],
  T0: ['@anthropic-ai/sdk 0.137.0', TS_CLIENT],
  // Version 2 sends a bearer token and 2026-10-21 in place of `x-api-key` and 2023-06-01.
  P1: ['anthropic 1.13.0 for Python', 'https://github.com/anthropics/anthropic-sdk-python'],
  P: ['anthropic 2.14.0 for Python', 'https://github.com/anthropics/anthropic-sdk-python'],
  G: ['anthropic-sdk-go 2.15.0', 'https://github.com/anthropics/anthropic-sdk-go'],
  V: ['Recorded answers in the fixtures of other client libraries', 'https://github.com/vercel/ai'],
  F: [
    'Recorded event streams in the official client repositories',
    'https://github.com/anthropics/anthropic-sdk-python',
  ],
  X: ['Experiment: malformed streams replayed to the official clients', null],
  CC: ['Claude Code gateway protocol', 'https://code.claude.com/docs/en/llm-gateway-protocol'],
  'CC:sent': ['Requests of Claude Code 2.1.197, recorded in November 2026', null],
  O24: ['OpenAPI document, November 2024', 'https://github.com/laszukdawid/anthropic-openapi-spec'],
  O25: ['OpenAPI document, late 2025', null],
  H1: ['Public research note on message batches, live captures of 2026-09-02', null],
  H2: ['Public probe note on tools, live probes of 2026-08-28', null],
  H3: ['Public measurements of request validation, 2026-08-30', null],
  H4: ['Public experiment log on sampling parameters, 2026-09-07', null],
  H5: ['Error wording seen in several public repositories', null],
  Q: ['Third-party article on API version 2026-10-21', null],
  'W:http': ['RFC 9112: HTTP/1.1', 'https://www.rfc-editor.org/rfc/rfc9112'],
  'D:stream': ['Streaming messages', `${DOCS}/build-with-claude/streaming`],
  'D:errors': ['Errors', `${DOCS}/api/errors`],
  'D:limits': ['Rate limits', `${DOCS}/api/rate-limits`],
  'D:stop': ['Handling stop reasons', `${DOCS}/build-with-claude/handling-stop-reasons`],
  'D:refusal': ['Refusals and fallback', `${DOCS}/build-with-claude/refusals-and-fallback`],
  'D:threads': ['Message threads', `${DOCS}/build-with-claude/message-threads`],
  'D:compact': ['Compaction', `${DOCS}/build-with-claude/compaction-threshold`],
  'D:ref': ['Messages API reference', `${DOCS}/api/messages`],
  'D:work': ['Working with messages', `${DOCS}/build-with-claude/working-with-messages`],
  'D:midsys': ['Mid-conversation system messages', `${DOCS}/build-with-claude/mid-conversation-system-messages`],
  'D:define': ['Define tools', tools('define-tools')],
  'D:handle': ['Handle tool calls', tools('handle-tool-calls')],
  'D:parallel': ['Parallel tool use', tools('parallel-tool-use')],
  'D:fgts': ['Fine-grained tool streaming', tools('fine-grained-tool-streaming')],
  'D:toolref': ['Tool reference', tools('tool-reference')],
  'D:strict': ['Strict tool use', tools('strict-tool-use')],
  'D:toolsearch': ['Tool search tool', tools('tool-search-tool')],
  'D:server': ['Server tools', tools('server-tools')],
  'D:ptc': ['Programmatic tool calling', tools('programmatic-tool-calling')],
  'D:advisor': ['Advisor tool', tools('advisor-tool')],
  'D:vision': ['Vision', `${DOCS}/build-with-claude/vision`],
  'D:pdf': ['PDF support', `${DOCS}/build-with-claude/pdf-support`],
  'D:cite': ['Citations', `${DOCS}/build-with-claude/citations`],
  'D:search': ['Search results', `${DOCS}/build-with-claude/search-results`],
  'D:think': ['Thinking', `${DOCS}/build-with-claude/thinking`],
  'D:ethink': ['Extended thinking', `${DOCS}/build-with-claude/extended-thinking`],
  'D:athink': ['Adaptive thinking', `${DOCS}/build-with-claude/adaptive-thinking`],
  'D:ttools': ['Thinking in tool workflows', `${DOCS}/build-with-claude/thinking-tool-workflows`],
  'D:tfix': ['Thinking: troubleshooting', `${DOCS}/build-with-claude/thinking-troubleshooting`],
  'D:cache': ['Prompt caching', `${DOCS}/build-with-claude/prompt-caching`],
  'D:so': ['Structured outputs', `${DOCS}/build-with-claude/structured-outputs`],
  'D:count': ['Token counting', `${DOCS}/build-with-claude/token-counting`],
  'D:batch': ['Batch processing', `${DOCS}/build-with-claude/batch-processing`],
  'D:files': ['Files', `${DOCS}/build-with-claude/files`],
  'D:ctx': ['Context windows', `${DOCS}/build-with-claude/context-windows`],
  'D:fast': ['Fast mode', `${DOCS}/build-with-claude/fast-mode`],
  'D:effort': ['Effort', `${DOCS}/build-with-claude/effort`],
  'D:models': ['Models', `${DOCS}/api/models/list`],
  'D:ver': ['Versions', `${DOCS}/api/versioning`],
  'D:mig': ['Migration to 2026-10-21', `${DOCS}/api/migration-2026-10-21`],
  'D:beta': ['Beta headers', `${DOCS}/api/beta-headers`],
  'D:tier': ['Service tiers', `${DOCS}/api/service-tiers`],
  'O:chat': ['OpenAI: chat completions', 'https://platform.openai.com/docs/api-reference/chat'],
  'O:responses': ['OpenAI: responses', 'https://platform.openai.com/docs/api-reference/responses'],
  'O:functions': ['OpenAI: function calling', 'https://platform.openai.com/docs/guides/function-calling'],
  'O:errors': ['OpenAI: error codes', 'https://platform.openai.com/docs/guides/error-codes'],
  'O:types': ['openai 6.49.0, types of requests, answers and events', 'https://github.com/openai/openai-node'],
  'O:limits': ['Limits that OpenAI enforces, in public reports', 'https://github.com/Portkey-AI/gateway/issues/1062'],
  SSE: ['HTML standard, server-sent events', 'https://html.spec.whatwg.org/multipage/server-sent-events.html'],
  HTTP: ['RFC 9110, HTTP semantics', 'https://www.rfc-editor.org/rfc/rfc9110'],
};

/** The source of a tag. Throws for an unknown tag, which is a mistake of the suite. */
export function source(tag: string): Source {
  const entry = TITLES[tag];
  if (entry === undefined) throw new Error(`unknown source tag ${JSON.stringify(tag)}`);
  return { tag, title: entry[0], url: entry[1] };
}

function tools(page: string): string {
  return `${DOCS}/agents-and-tools/tool-use/${page}`;
}
