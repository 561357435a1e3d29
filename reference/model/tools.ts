import { inOrder } from '../../core/text.js';
import type { JsonObject, Tool } from '../wire.js';
import { inputFor, properNames } from './arguments.js';
import type { Prompt } from './prompt.js';

/** A call that the model will make. */
interface PlannedCall {
  name: string;
  input: JsonObject;
}

/** The use of tools in one reply. */
export interface ToolPlan {
  /** Text before the calls, where the ask wants one. */
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
    return { lead: null, calls: [callOf(tool, prompt, properNames(prompt.ask), callsOf(prompt, choice.name))] };
  }
  const names = properNames(prompt.ask);
  const wanted = wantedCalls(prompt, names);
  const open = remaining(wanted, prompt);
  if (choice.type === 'any' && open.length === 0) {
    const tool = wanted[0]?.tool ?? tools[0]!;
    return { lead: null, calls: [callOf(tool, prompt, names, callsOf(prompt, nameOf(tool)))] };
  }
  if (open.length === 0) return NO_PLAN;
  const single = choice.disable_parallel_tool_use === true || inSequence(prompt.ask);
  const now = single ? open.slice(0, 1) : open;
  const lead = choice.type === 'auto' && prompt.calls.length === 0 ? leadText(prompt.ask) : null;
  return { lead, calls: now.map((call) => callOf(call.tool, prompt, names, call.turn)) };
}

interface Wanted {
  tool: Tool;
  turn: number;
}

/** Tools that Anthropic defines have fixed names and no description of their own. */
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

function callOf(tool: Tool, prompt: Prompt, names: readonly string[], turn: number): PlannedCall {
  const known = tool.input_schema ? undefined : KNOWN[tool.name];
  if (known) return { name: tool.name, input: known.input };
  const hints = { ask: prompt.ask, names, turn };
  return { name: tool.name, input: inputFor(tool.input_schema ?? { type: 'object' }, hints) };
}

/** Most calls of one reply. */
const MOST_CALLS = 50;

/** The calls that the whole ask amounts to, in order. */
function wantedCalls({ ask, tools }: Prompt, names: readonly string[]): Wanted[] {
  const ordered = orders(ask);
  const asked = new Set(stems(ask));
  const named = tools.filter((tool) => mentions(ask, nameOf(tool)) && (nameOf(tool).length > 4 || ordered));
  const relevant = named.length > 0 ? named : tools.filter((tool) => isAbout(asked, tool));
  if (relevant.length === 0 && ordered) {
    return (/\bboth\b|\ball\b/iu.test(ask) ? tools : tools.slice(0, 1)).map((tool) => ({ tool, turn: 0 }));
  }
  if (relevant.length === 1 && tools.length === 2 && /\bboth tools\b/iu.test(ask)) {
    return tools.map((tool) => ({ tool, turn: 0 }));
  }
  const places = relevant.map((tool) => ({ tool, at: named.length > 1 ? ask.indexOf(nameOf(tool)) : 0 }));
  const least = Math.max(times(ask), 1);
  return places
    .sort((left, right) => left.at - right.at)
    .slice(0, MOST_CALLS)
    .flatMap(({ tool }) => {
      const count = Math.max(least, takesOneName(tool) ? names.length : 1);
      return Array.from({ length: Math.min(count, MOST_CALLS) }, (_, turn) => ({ tool, turn }));
    });
}

function remaining(wanted: readonly Wanted[], prompt: Prompt): Wanted[] {
  const done = new Map<string, number>();
  for (const call of prompt.calls) done.set(call.name, (done.get(call.name) ?? 0) + 1);
  return wanted.filter(({ tool, turn }) => turn >= (done.get(nameOf(tool)) ?? 0));
}

/** Whether the input has one string for a place or person: then several names mean several calls. */
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

function isAbout(asked: ReadonlySet<string>, tool: Tool): boolean {
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
  return new RegExp(`(?<![\\w-])${name.replace(/[^\w]/g, '[$&]')}(?![\\w-])`, 'iu').test(ask);
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

/** What an ask for text and calls says, in this order. */
const LEAD_WORDS = [
  /\b(?:say|write|explain|tell|describe|first|before (?:calling|the call))\b/iu,
  /\b(?:then|before|and)\b/iu,
  /\b(?:call|use|invoke)/iu,
];

/** "Say one sentence, then call get_weather": the sentence. */
function leadText(ask: string): string | null {
  return inOrder(ask, LEAD_WORDS) ? 'I will look that up with the tool.' : null;
}
