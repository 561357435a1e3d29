/** Compares turns part by part. Texts may be joined; everything else has to come one to one. */

import { quote } from '../../core/json.js';
import type { NeutralPart, NeutralTurn } from '../../core/neutral.js';
import { sameJson } from './same-json.js';
import { type Elsewhere, type Fault, shown, textFault } from './texts.js';

/** Consecutive texts, or one other part. */
type Group = { texts: string[] } | { part: Exclude<NeutralPart, { kind: 'text' }> };

/** The first difference between the turns; `null` when there is none. Earlier thinking may be left out. */
export function turnsFault(expected: readonly NeutralTurn[], actual: readonly NeutralTurn[]): Fault | null {
  const elsewhere = elsewhereIn(expected);
  const wanted = withoutThinking(expected);
  const got = withoutThinking(actual);
  for (const [index, turn] of wanted.entries()) {
    const other = got[index];
    const name = `turn ${index + 1} (${turn.role})`;
    if (other === undefined)
      return { message: 'A turn of the conversation is lost.', expected: name, actual: roles(got) };
    if (other.role !== turn.role)
      return {
        message: 'Turns arrive with other roles, or in another order.',
        expected: roles(wanted),
        actual: roles(got),
      };
    const fault = partsFault(name, turn.parts, other.parts, elsewhere);
    if (fault !== null) return fault;
  }
  return got.length > wanted.length
    ? { message: 'A turn that the client did not send is added.', expected: roles(wanted), actual: roles(got) }
    : null;
}

const roles = (turns: readonly NeutralTurn[]): string => turns.map(({ role }) => role).join(', ') || 'no turns';

/** Texts that have a place of their own: earlier thinking, and system messages between the turns. */
const elsewhereIn = (turns: readonly NeutralTurn[]): Elsewhere[] =>
  turns.flatMap(({ role, parts }) =>
    parts.flatMap((part): Elsewhere[] =>
      part.kind === 'thinking'
        ? [{ text: part.text, named: 'Earlier thinking' }]
        : part.kind === 'text' && role === 'system'
          ? [{ text: part.text, named: 'A system message' }]
          : [],
    ),
  );

const withoutThinking = (turns: readonly NeutralTurn[]): NeutralTurn[] =>
  turns
    .map(({ role, parts }) => ({ role, parts: parts.filter((part) => part.kind !== 'thinking' && !isRedacted(part)) }))
    .filter(({ parts }) => parts.length > 0);

const isRedacted = (part: NeutralPart): boolean => part.kind === 'other' && part.type === 'redacted_thinking';

/** Calls and results are told apart by their ids; pictures of a result may follow it. */
function partsFault(
  name: string,
  expected: readonly NeutralPart[],
  actual: readonly NeutralPart[],
  elsewhere: readonly Elsewhere[],
): Fault | null {
  const wanted = groups(expected);
  const got = groups(actual);
  const isLost: Fault = {
    message: `A part of ${name} is lost, or parts arrive in another order.`,
    expected: wanted.map(named).join(', '),
    actual: got.map(named).join(', ') || 'nothing',
  };
  // The texts around a picture that is lost or moved are joined, which would look like an added text.
  const others = (all: readonly Group[]): number => all.filter((group) => 'part' in group).length;
  if (got.length < wanted.length || others(got) < others(wanted)) return isLost;
  const isAdded: Fault = { ...isLost, message: `A part is added to ${name}.` };
  const isMore = got.length > wanted.length && holdsInOrder(got.map(named), wanted.map(named));
  for (const [index, group] of wanted.entries()) {
    const other = got[index];
    if (other === undefined || 'texts' in group !== 'texts' in other) return isMore ? isAdded : isLost;
    const fault =
      'texts' in group
        ? textFault(name, group.texts, (other as { texts: string[] }).texts, elsewhere)
        : partFault(name, group.part, (other as Extract<Group, { part: unknown }>).part);
    if (fault !== null) return fault;
  }
  return got.length > wanted.length ? isAdded : null;
}

/** Whether `all` has these names in this order, whatever stands between them. */
function holdsInOrder(all: readonly string[], names: readonly string[]): boolean {
  let found = 0;
  for (const name of all) if (name === names[found]) found += 1;
  return found === names.length;
}

const named = (group: Group): string =>
  'texts' in group ? 'text' : group.part.kind === 'other' ? group.part.type : group.part.kind;

function groups(parts: readonly NeutralPart[]): Group[] {
  const all: Group[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (part.kind !== 'text') all.push({ part });
    else if (last !== undefined && 'texts' in last) last.texts.push(part.text);
    else all.push({ texts: [part.text] });
  }
  return all;
}

/** A difference between two parts that are no texts. */
export function partFault(name: string, expected: NeutralPart, actual: NeutralPart): Fault | null {
  if (expected.kind !== actual.kind)
    return { message: `A part of ${name} arrives as something else.`, expected: expected.kind, actual: actual.kind };
  switch (expected.kind) {
    case 'picture':
    case 'document':
      return mediaFault(name, expected, actual as typeof expected);
    case 'call':
      return callFault(expected, actual as typeof expected);
    case 'result':
      return textFault(
        `the result of ${expected.id}`,
        textsOf(expected.parts),
        textsOf((actual as typeof expected).parts),
      );
    default:
      return null;
  }
}

type Media = Extract<NeutralPart, { kind: 'picture' | 'document' }>;

function mediaFault(name: string, expected: Media, actual: Media): Fault | null {
  const what = expected.kind === 'picture' ? 'A picture' : 'A document';
  if (expected.data !== actual.data || (expected.data === null && expected.url !== actual.url))
    return { message: `${what} of ${name} is changed.`, expected: bytes(expected), actual: bytes(actual) };
  if (expected.mediaType !== null && expected.mediaType !== actual.mediaType)
    return {
      message: `${what} of ${name} has another media type.`,
      expected: expected.mediaType,
      actual: actual.mediaType ?? 'none',
    };
  return null;
}

/** What is shorter is no picture, and shows what became of it: `undefined`. */
const SHORT = 16;

const bytes = ({ data, url }: Media): string =>
  data === null
    ? shown(url ?? '')
    : data.length <= SHORT
      ? `${shown(data)} as base64`
      : `${data.length} characters of base64`;

function callFault(
  expected: Extract<NeutralPart, { kind: 'call' }>,
  actual: Extract<NeutralPart, { kind: 'call' }>,
): Fault | null {
  if (expected.name !== actual.name)
    return { message: 'A tool call of the history has another name.', expected: expected.name, actual: actual.name };
  return sameJson(expected.input, actual.input)
    ? null
    : {
        message: `The input of the call ${expected.name} in the history is changed.`,
        expected: quote(expected.input),
        actual: actual.input === undefined ? shown(actual.raw ?? '') : quote(actual.input),
      };
}

export const textsOf = (parts: readonly NeutralPart[]): string[] =>
  parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
