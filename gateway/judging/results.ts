/** Calls and results of a history: at the upstream as the client sent them. Ids may be rewritten, for both alike. */

import type { NeutralPart, NeutralRequest } from '../../core/neutral.js';
import type { RequestPair } from './pairs.js';
import { partFault, textsOf, turnsFault } from './parts.js';
import { type Fault, shown, textFault } from './texts.js';

type Kind = NeutralPart['kind'];
type PartOf<Name extends Kind> = Extract<NeutralPart, { kind: Name }>;

const partsIn = <Name extends Kind>({ turns }: NeutralRequest, kind: Name): PartOf<Name>[] =>
  turns.flatMap(({ parts }) => parts.filter((part): part is PartOf<Name> => part.kind === kind));

const textOf = ({ parts }: { parts: readonly NeutralPart[] }): string => textsOf(parts).join('\n');

/** Calls with their names and inputs, and the texts around them. Results of several calls may come in any order. */
export function sameCallHistory({ sent, got }: RequestPair): Fault | null {
  const calls = partsIn(got, 'call');
  for (const [index, call] of partsIn(sent, 'call').entries()) {
    const other = calls[index];
    const fault =
      other === undefined
        ? { message: 'A tool call of the history is lost.', expected: `a call of ${call.name}`, actual: 'no call' }
        : partFault('the history', call, other);
    if (fault !== null) return fault;
  }
  const isParallel = sent.turns.some(({ parts }) => parts.filter(({ kind }) => kind === 'result').length > 1);
  return isParallel ? null : turnsFault(sent.turns, got.turns);
}

/** Every result, whatever its order, belongs to the call that it answers. */
export function sameResults({ sent, got }: RequestPair): Fault | null {
  const asked = partsIn(sent, 'call');
  const calls = partsIn(got, 'call');
  const arrived = partsIn(got, 'result');
  for (const result of partsIn(sent, 'result')) {
    const position = asked.findIndex(({ id }) => id === result.id);
    const id = calls[position]?.id;
    const other = arrived.find((one) => one.id === id);
    if (other === undefined)
      return {
        message: 'A tool result is lost, or its id matches no call.',
        expected: `a result for ${asked[position]?.name}`,
        actual: arrived.map((one) => one.id).join(', ') || 'no results',
      };
    if (!textOf(other).includes(textOf(result)))
      return {
        message: 'A tool result is changed, or given to another call.',
        expected: shown(textOf(result)),
        actual: shown(textOf(other)),
      };
  }
  const expected = partsIn(sent, 'result').length;
  return arrived.length > expected
    ? { message: 'A tool result is added.', expected: `${expected} results`, actual: `${arrived.length} results` }
    : null;
}

/** Every text of a result, in order; a gateway may write them in an envelope of its own. */
export function resultTexts({ sent, got }: RequestPair): Fault | null {
  const whole = partsIn(got, 'result').map(textOf).join('\n');
  let from = 0;
  for (const text of partsIn(sent, 'result').flatMap(({ parts }) => textsOf(parts))) {
    const at = whole.indexOf(text, from);
    if (at === -1)
      return {
        message: whole.includes(text)
          ? 'Texts of a tool result arrive in another order.'
          : 'A text of a tool result is lost.',
        expected: shown(text),
        actual: shown(whole),
      };
    from = at + text.length;
  }
  return null;
}

/** The model has to see that it is an error, in whatever words, and what the tool said. */
export function errorFlag({ got, sent }: RequestPair): Fault | null {
  const [result] = partsIn(got, 'result');
  const text = result === undefined ? '' : textOf(result);
  const said = textOf(partsIn(sent, 'result')[0]!);
  if (!text.includes(said))
    return { message: 'The text of a failed tool is lost.', expected: shown(said), actual: shown(text) };
  return result?.isError || /error|fail/i.test(text)
    ? null
    : {
        message: '`is_error` is lost; the model takes the error for a result.',
        expected: 'the flag, or words that say so',
        actual: shown(text),
      };
}

/** The texts that the user says beside results, in order, wherever an API has a place for them. */
export function textsBesideResults({ sent, got }: RequestPair): Fault | null {
  const saidIn = ({ turns }: NeutralRequest): string[] =>
    turns.flatMap(({ role, parts }) => (role === 'user' ? textsOf(parts) : []));
  const fault = textFault('the user beside a tool result', saidIn(sent), saidIn(got));
  return fault === null || fault.message.startsWith('Text that the client did not send') ? null : fault;
}

/** All pictures, and the texts beside them: in the results, or after them where an API has no place for a picture in a result. */
export function picturesThere({ sent, got }: RequestPair): Fault | null {
  const arrived = [...picturesIn(got)];
  for (const picture of picturesIn(sent)) {
    const index = arrived.findIndex((other) => partFault('a tool result', picture, other) === null);
    if (index === -1) {
      const [other] = arrived;
      return (
        (other && partFault('a tool result', picture, other)) ?? {
          message: 'A picture in a tool result is lost.',
          expected: `${picturesIn(sent).length} picture`,
          actual: `${picturesIn(got).length} pictures`,
        }
      );
    }
    arrived.splice(index, 1);
  }
  const whole = textsIn(got.turns.flatMap(({ parts }) => parts)).join('\n');
  const lost = partsIn(sent, 'result')
    .flatMap(({ parts }) => textsOf(parts))
    .find((text) => !whole.includes(text));
  return lost === undefined
    ? null
    : { message: 'The text beside a picture in a tool result is lost.', expected: shown(lost), actual: shown(whole) };
}

/** Texts of parts, those inside of results included. */
const textsIn = (parts: readonly NeutralPart[]): string[] =>
  parts.flatMap((part) => (part.kind === 'text' ? [part.text] : part.kind === 'result' ? textsIn(part.parts) : []));

const picturesIn = ({ turns }: NeutralRequest): PartOf<'picture'>[] => {
  const inside = (parts: readonly NeutralPart[]): PartOf<'picture'>[] =>
    parts.flatMap((part) => (part.kind === 'picture' ? [part] : part.kind === 'result' ? inside(part.parts) : []));
  return turns.flatMap(({ parts }) => inside(parts));
};
