/** Reads the task from standard input and prints one line of JSON for each probe: what the client returned, or what it threw. */
import Anthropic from '@anthropic-ai/sdk';

const { model, apiKey, headers, tool, prompts, probes } = JSON.parse(await new Response(process.stdin).text());

const shown = ({ content, stop_reason, usage }) => ({
  text: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
  tools: content.flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [])),
  stop: stop_reason,
  inputTokens: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0),
  outputTokens: usage.output_tokens,
});

const user = (content) => [{ role: 'user', content }];
const PROBES = {
  create: (client) => client.messages.create({ model, max_tokens: 64, messages: user(prompts.plain) }),
  stream: (client) => client.messages.stream({ model, max_tokens: 64, messages: user(prompts.plain) }).finalMessage(),
  'stream-tool': (client) =>
    client.messages
      .stream({
        model,
        max_tokens: 512,
        messages: user(prompts.tool),
        tools: [tool],
        tool_choice: { type: 'tool', name: tool.name },
      })
      .finalMessage(),
  'text-and-tools': (client) =>
    client.messages
      .stream({ model, max_tokens: 512, messages: user(prompts.textAndTools), tools: [tool] })
      .finalMessage(),
  'tool-loop': async (client) => {
    const asked = user(prompts.tool);
    const first = await client.messages.create({
      model,
      max_tokens: 512,
      messages: asked,
      tools: [tool],
      tool_choice: { type: 'tool', name: tool.name },
    });
    const results = first.content
      .filter(({ type }) => type === 'tool_use')
      .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: prompts.result }));
    const messages = [...asked, { role: 'assistant', content: first.content }, { role: 'user', content: results }];
    return client.messages.create({ model, max_tokens: 512, messages, tools: [tool] });
  },
  rejected: (client) =>
    client.messages.create({ model: prompts.noModel, max_tokens: 64, messages: user(prompts.plain) }),
};

for (const { name, url } of probes) {
  const client = new Anthropic({ baseURL: url, apiKey, defaultHeaders: headers, maxRetries: 0, timeout: 30_000 });
  let line;
  try {
    line = { probe: name, message: shown(await PROBES[name](client)) };
  } catch (error) {
    line = {
      probe: name,
      error: { class: error.constructor.name, message: String(error.message), status: error.status ?? null },
    };
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
