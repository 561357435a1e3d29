import { useMemo, useState } from 'preact/hooks';
import { type JsonLine, jsonLines, locate } from './json-lines.js';
import { count, Raw, Scroll, visibleParts } from './text.js';

/** A mark in a JSON text: the value at a pointer, with a note. */
export interface JsonMark {
  pointer: string;
  note: string;
}

const HEAD = 40;
const AROUND = 4;

/** JSON with one line for each value, and marks. Long texts are folded, but marks stay visible. Anything else is shown raw. */
export function JsonText({ text, marks = [], label }: { text: string; marks?: readonly JsonMark[]; label: string }) {
  const lines = useMemo(() => jsonLines(text), [text]);
  const [whole, setWhole] = useState(false);
  if (lines === null || lines.length === 0) return <Raw text={text} label={label} />;
  const notes = new Map<number, string[]>();
  const marked = new Set<number>();
  const around = new Set<number>();
  for (const { pointer, note } of marks) {
    const place = locate(lines, pointer);
    if (place === null) continue;
    const words = place.missing === null ? note : `“${place.missing}” is missing here; ${note}`;
    notes.set(place.from, [...(notes.get(place.from) ?? []), words]);
    for (let index = place.from; index <= Math.min(place.to, place.from + HEAD); index += 1) marked.add(index);
    for (let index = place.from - AROUND; index <= place.from + AROUND; index += 1) around.add(index);
  }
  const long = lines.length > HEAD + 10;
  const seen = (index: number) => whole || !long || index < HEAD || marked.has(index) || around.has(index);
  const shown: preact.ComponentChildren[] = [];
  let skipped = 0;
  for (const [index, line] of lines.entries()) {
    if (!seen(index)) {
      skipped += 1;
      continue;
    }
    if (skipped > 0) shown.push(<Skipped key={`s${index}`} lines={skipped} />);
    skipped = 0;
    shown.push(<Line key={index} line={line} marked={marked.has(index)} notes={notes.get(index)} />);
  }
  if (skipped > 0) shown.push(<Skipped key="end" lines={skipped} />);
  return (
    <>
      <Scroll class="json" label={label}>
        {shown}
      </Scroll>
      {long && (
        <button type="button" class="more" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Fold' : `Show all ${count(lines.length, 'line')}`}
        </button>
      )}
    </>
  );
}

function Skipped({ lines }: { lines: number }) {
  return <div class="json-skipped">⋯ {count(lines, 'line')}</div>;
}

const LONG_VALUE = 400;

function Line({ line, marked, notes }: { line: JsonLine; marked: boolean; notes: string[] | undefined }) {
  const [whole, setWhole] = useState(false);
  const long = !whole && line.value.length > LONG_VALUE + 60;
  const value = long ? line.value.slice(0, LONG_VALUE) : line.value;
  return (
    <div
      class={marked ? 'json-line marked' : 'json-line'}
      style={{ paddingLeft: `${Math.min(line.depth, 30) * 1.25 + 0.75}rem` }}
    >
      {line.key !== null && (
        <>
          <bdi class="json-key">{visibleParts(line.key)}</bdi>:{' '}
        </>
      )}
      <bdi class={`json-${line.kind}`}>{visibleParts(value)}</bdi>
      {long && (
        <button type="button" class="quiet inline" onClick={() => setWhole(true)}>
          …{count(line.value.length - LONG_VALUE, 'character')} more
        </button>
      )}
      {line.comma && ','}
      {notes?.map((note) => (
        <mark key={note}>
          <bdi>{visibleParts(note)}</bdi>
        </mark>
      ))}
    </div>
  );
}
