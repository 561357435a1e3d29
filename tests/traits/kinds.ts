/** The kinds of traits: a closed list. `docs/traits.md` shows it. A trait holds names, closed values and size classes, never a client's text. */

export const KINDS = {
  request: 'method, path and query: `POST /v1/messages?beta=true`',
  credential: 'headers that carry the key: x-api-key, bearer, both or none',
  header: 'name of a header; with its value where the value is closed: `x-app=cli`',
  encoding: 'one coding of accept-encoding: `zstd`',
  beta: 'one value of anthropic-beta',
  field:
    'member of the body by its place; items of arrays by role or type: `messages[user].content[tool_result].is_error`',
  value: 'closed value of a member: booleans, type, role, ttl, effort, keep, media_type, max_tokens, temperature',
  form: 'string, blocks or empty array where the protocol allows several: `system blocks`',
  order:
    'message after message, each by role and the block next to the other: `user tool_result > system text`; `> end` for the last one',
  blocks: 'block after block in one message: `user tool_result > document`',
  call: 'tool calls of the history: parallel ones, one with an empty input, one of a tool that the request does not declare',
  together:
    'two of thinking, effort, format, tool_choice, context edit, temperature, tools, server tool in one request',
  schema: 'keyword of a tool schema; with its value for type, format and additionalProperties',
  'format-schema': 'the same for the schema of a structured reply',
  size: 'least size by classes: body, tools, messages, description, system text, message text, tool result',
  text: 'line breaks, tabs, quotes, angle brackets or characters beyond ASCII, by place',
  series: 'requests after one another: the same operation at least four times; the same body again without stream',
} as const;

export type Kind = keyof typeof KINDS;

/** `kind detail`. */
export type Trait = `${Kind} ${string}`;
