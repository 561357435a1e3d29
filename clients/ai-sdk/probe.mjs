/** Reads the task from standard input and prints one line of JSON for each probe: what the client returned, or what it threw. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, jsonSchema, streamText } from 'ai';

const { model, apiKey, headers, tool, prompts, probes } = JSON.parse(await new Response(process.stdin).text());
// Warnings of the client go to the console, which is where the results are printed.
globalThis.AI_SDK_LOG_WARNINGS = false;

const tools = { [tool.name]: { description: tool.description, inputSchema: jsonSchema(tool.input_schema) } };
const forced = { tools, toolChoice: { type: 'tool', toolName: tool.name } };

const shown = (text, calls, stop, usage) => ({
  text,
  tools: calls.map(({ toolName, input, invalid }) => ({ name: toolName, input, ...(invalid ? { invalid } : {}) })),
  stop,
  inputTokens: usage.inputTokens ?? null,
  outputTokens: usage.outputTokens ?? null,
});

async function generated(options) {
  const result = await generateText(options);
  return { result, message: shown(result.text, result.toolCalls, result.finishReason, result.usage) };
}

async function streamed(options) {
  let failure;
  const result = streamText({
    ...options,
    onError: ({ error }) => {
      failure ??= error;
    },
  });
  let text = '';
  const calls = [];
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') text += part.text;
    if (part.type === 'tool-call') calls.push(part);
    if (part.type === 'error') failure ??= part.error;
  }
  if (failure !== undefined) throw failure;
  return shown(text, calls, await result.finishReason, await result.usage);
}

const PROBES = {
  create: async (common) => (await generated({ ...common, maxOutputTokens: 64, prompt: prompts.plain })).message,
  stream: (common) => streamed({ ...common, maxOutputTokens: 64, prompt: prompts.plain }),
  'stream-tool': (common) => streamed({ ...common, ...forced, maxOutputTokens: 512, prompt: prompts.tool }),
  'text-and-tools': (common) => streamed({ ...common, tools, maxOutputTokens: 512, prompt: prompts.textAndTools }),
  'tool-loop': async (common) => {
    const asked = [{ role: 'user', content: prompts.tool }];
    const { result } = await generated({ ...common, ...forced, maxOutputTokens: 512, messages: asked });
    const results = result.toolCalls.map(({ toolCallId, toolName }) => ({
      type: 'tool-result',
      toolCallId,
      toolName,
      output: { type: 'text', value: prompts.result },
    }));
    const messages = [...asked, ...result.response.messages, { role: 'tool', content: results }];
    return (await generated({ ...common, tools, maxOutputTokens: 512, messages })).message;
  },
  rejected: async (common, provider) =>
    (await generated({ ...common, model: provider(prompts.noModel), maxOutputTokens: 64, prompt: prompts.plain }))
      .message,
};

for (const { name, url } of probes) {
  const provider = createAnthropic({ baseURL: url, apiKey, headers });
  const common = { model: provider(model), maxRetries: 0, abortSignal: AbortSignal.timeout(30_000) };
  let line;
  try {
    line = { probe: name, message: await PROBES[name](common, provider) };
  } catch (error) {
    line = {
      probe: name,
      error: {
        class: error?.name ?? 'Error',
        message: String(error?.message ?? error),
        status: error?.statusCode ?? null,
      },
    };
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
