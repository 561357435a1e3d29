import type { JsonObject, Tool } from '../wire.js';
import { inputFor, properNames } from './arguments.js';
import type { Prompt } from './prompt.js';

/** A call that the model means to make. */
interface PlannedCall {
  name: string;
  input: JsonObject;
}

/** What is to be done with tools in this reply. */
export interface ToolPlan {
  /** Text that the ask wants before the calls. */
  lead: string | null;
  calls: PlannedCall[];
}

const NO_PLAN: ToolPlan = { lead: null, calls: [] };

/** Decides which tools to call now, from the ask, the tools' names and descriptions, and the calls made so far. */
export function planTools(prompt: Prompt): ToolPlan {
  const { choice, tools } = prompt;
  if (tools.length === 0 && choice.type !== 'tool') return NO_PLAN;
  if (choice.type === 'none') return NO_PLAN;
  if (choice.type === 'tool') {
    const tool = tools.find((candidate) => nameOf(candidate) === choice.name);
    if (!tool) return NO_PLAN;
    return { lead: null, calls: [callOf(tool, prompt, callsOf(prompt, choice.name))] };
  }
  const wanted = wantedCalls(prompt);
  const open = remaining(wanted, prompt);
  if (choice.type === 'any' && open.length === 0) {
    const tool = wanted[0]?.tool ?? tools[0]!;
    return { lead: null, calls: [callOf(tool, prompt, callsOf(prompt, nameOf(tool)))] };
  }
  if (open.length === 0) return NO_PLAN;
  const single = choice.disable_parallel_tool_use === true || inSequence(prompt.ask);
  const now = single ? open.slice(0, 1) : open;
  const lead = choice.type === 'auto' && prompt.calls.length === 0 ? leadText(prompt.ask) : null;
  return { lead, calls: now.map((call) => callOf(call.tool, prompt, call.turn)) };
}

interface Wanted {
  tool: Tool;
  turn: number;
}

/** Anthropic-defined tools have fixed names and no description of their own. */
const KNOWN: Readonly<Record<string, { topics: string; input: JsonObject }>> = {
  bash: { topics: 'bash shell command terminal list files run', input: { command: 'ls' } },
  str_replace_editor: { topics: 'edit view file', input: { command: 'view', path: '/' } },
  str_replace_based_edit_tool: { topics: 'edit view file', input: { command: 'view', path: '/' } },
  memory: { topics: 'memory memories', input: { command: 'view', path: '/memories' } },
};

function nameOf(tool: Tool): string {
  return tool.name;
}

function callsOf(prompt: Prompt, name: string): number {
  return prompt.calls.filter((call) => call.name === name).length;
}

function callOf(tool: Tool, prompt: Prompt, turn: number): PlannedCall {
  const known = tool.input_schema ? undefined : KNOWN[tool.name];
  if (known) return { name: tool.name, input: known.input };
  const hints = { ask: prompt.ask, names: properNames(prompt.ask), turn };
  return { name: tool.name, input: inputFor(tool.input_schema ?? { type: 'object' }, hints) };
}

/** The calls that the whole ask amounts to, in order. */
function wantedCalls(prompt: Prompt): Wanted[] {
  const { ask, tools } = prompt;
  const named = tools.filter((tool) => mentions(ask, nameOf(tool)));
  const relevant = named.length > 0 ? named : tools.filter((tool) => isAbout(ask, tool));
  if (relevant.length === 0 && orders(ask)) {
    return (/\bboth\b|\ball\b/iu.test(ask) ? tools : tools.slice(0, 1)).map((tool) => ({ tool, turn: 0 }));
  }
  if (relevant.length === 1 && tools.length === 2 && /\bboth tools\b/iu.test(ask)) {
    return tools.map((tool) => ({ tool, turn: 0 }));
  }
  const ordered =
    named.length > 1 ? [...relevant].sort((a, b) => ask.indexOf(nameOf(a)) - ask.indexOf(nameOf(b))) : relevant;
  return ordered.flatMap((tool) => {
    const count = Math.max(times(ask), takesOneName(tool) ? properNames(ask).length : 1, 1);
    return Array.from({ length: Math.min(count, 50) }, (_, turn) => ({ tool, turn }));
  });
}

function remaining(wanted: readonly Wanted[], prompt: Prompt): Wanted[] {
  const done = new Map<string, number>();
  for (const call of prompt.calls) done.set(call.name, (done.get(call.name) ?? 0) + 1);
  return wanted.filter(({ tool, turn }) => turn >= (done.get(nameOf(tool)) ?? 0));
}

/** Whether the input has one string of its own for each place or person: then several names mean several calls. */
function takesOneName(tool: Tool): boolean {
  const properties = (tool.input_schema?.properties ?? {}) as Record<string, JsonObject>;
  const strings = Object.entries(properties).filter(([, schema]) => schema?.type === 'string' && !schema.enum);
  return strings.length === 1 && /city|place|location|name|town|country|person|where/iu.test(strings[0]![0]);
}

const VERBS = new Set(
  'get set list read write call run do find search make create update fetch lookup query send tool and the for with from current given return returns this that'.split(
    ' ',
  ),
);

function isAbout(ask: string, tool: Tool): boolean {
  const asked = new Set(stems(ask));
  const known = tool.input_schema ? undefined : KNOWN[tool.name]?.topics;
  const name = stems(tool.name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_-]/g, ' '));
  const telling = name.filter((word) => !VERBS.has(word));
  if ((telling.length > 0 ? telling : name).some((word) => asked.has(word))) return true;
  const described = new Set(stems(known ?? tool.description ?? '').filter((word) => !VERBS.has(word)));
  return [...described].filter((word) => asked.has(word)).length >= 2;
}

function stems(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).map((word) => word.replace(/(?:ies|es|s)$/u, ''));
}

function mentions(ask: string, name: string): boolean {
  return (
    new RegExp(`(?<![\\w-])${name.replace(/[^\w]/g, '\\$&')}(?![\\w-])`, 'iu').test(ask) &&
    (name.length > 4 || orders(ask))
  );
}

/** Whether the ask orders a call outright. */
export function orders(ask: string): boolean {
  return /\b(?:call|use|invoke|run)\b[^.?!]*\b(?:tools?|both|functions?)\b|\b(?:call|invoke)\s+\w+/iu.test(ask);
}

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function times(ask: string): number {
  const match = /\b(\d{1,2}|[a-z]+)\s+times\b|\b(once|twice|thrice)\b/iu.exec(ask);
  if (!match) return 0;
  if (match[2]) return { once: 1, twice: 2, thrice: 3 }[match[2].toLowerCase()] ?? 1;
  const word = match[1]!.toLowerCase();
  return /^\d+$/u.test(word) ? Number(word) : Math.max(0, NUMBERS.indexOf(word));
}

function inSequence(ask: string): boolean {
  return (
    times(ask) > 1 ||
    /\b(?:one (?:at a time|after (?:the other|another))|and then|afterwards|in (?:sequence|turn))\b/iu.test(ask)
  );
}

/** "Say one sentence, then call get_weather": the sentence. */
function leadText(ask: string): string | null {
  return /\b(?:say|write|explain|tell|describe|first|before (?:calling|the call))\b[\s\S]*\b(?:then|before|and)\b[\s\S]*\b(?:call|use|invoke)/iu.test(
    ask,
  )
    ? 'I will look that up with the tool.'
    : null;
}
