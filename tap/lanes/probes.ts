/** The six things that every client is asked to do. */

/** Ids in the order in which they run. */
export const PROBES = ['create', 'stream', 'stream-tool', 'text-and-tools', 'tool-loop', 'rejected'] as const;
export type Probe = (typeof PROBES)[number];

export const PROBE_TITLES: Readonly<Record<Probe, string>> = {
  create: 'a reply',
  stream: 'a stream',
  'stream-tool': 'a streamed tool call',
  'text-and-tools': 'text and two tools in a stream',
  'tool-loop': 'a tool loop',
  rejected: 'a rejected request',
};

/** What the probe scripts are made of. */
export const TASK = {
  tool: {
    name: 'get_weather',
    description: 'Current weather of a city',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
  prompts: {
    plain: 'Reply with the single word ok.',
    tool: 'What is the weather in Paris? Use the tool.',
    textAndTools:
      'First write one sentence that says what you are about to do, then call get_weather for the weather in Paris and in Rome, call both.',
    result: '21 degrees and sunny',
    noModel: 'no-such-model-9f3b',
  },
} as const;

/** What a client made of a reply. `stop` is in its own words. */
export interface ClientMessage {
  text: string;
  tools: readonly { name: string; input: unknown; invalid?: boolean }[];
  stop: string | null;
  /** Cache included; absent, as the output tokens, where the client tells no number for this reply. */
  inputTokens?: number | null;
  outputTokens?: number | null;
}

/** A line that a probe script prints. */
export interface Outcome {
  probe: Probe;
  message?: ClientMessage;
  error?: { class: string; message: string; status: number | null };
}

/** The request of a probe with a single one, for clients that take the body as it is. */
export function requestOf(probe: Probe, model: string): Record<string, unknown> {
  const { tool, prompts } = TASK;
  const ask = (content: string, max_tokens: number) => ({ model, max_tokens, messages: [{ role: 'user', content }] });
  switch (probe) {
    case 'create':
      return ask(prompts.plain, 64);
    case 'rejected':
      return { ...ask(prompts.plain, 64), model: prompts.noModel };
    case 'stream':
      return { ...ask(prompts.plain, 64), stream: true };
    case 'text-and-tools':
      return { ...ask(prompts.textAndTools, 512), stream: true, tools: [tool] };
    default:
      return { ...ask(prompts.tool, 512), stream: true, tools: [tool], tool_choice: { type: 'tool', name: tool.name } };
  }
}
