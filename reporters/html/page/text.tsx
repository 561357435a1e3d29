import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { stretches } from '../../../core/visible.js';
import { codeSpans } from '../../code-spans.js';

/** Foreign text: isolated in its direction, with names for invisible characters. */
export function Text({ children, class: name }: { children: string; class?: string }) {
  return <bdi class={name}>{visibleParts(children)}</bdi>;
}

/** A sentence of the suite, or one that quotes the target: what stands between backticks is shown as code. */
export function Prose({ children, class: name }: { children: string; class?: string }) {
  return (
    <bdi class={name}>
      {codeSpans(children).map((piece, index) =>
        typeof piece === 'string' ? visibleParts(piece) : <code key={index}>{visibleParts(piece.code)}</code>,
      )}
    </bdi>
  );
}

export function visibleParts(text: string): ComponentChildren {
  const parts = stretches(text);
  if (parts.length === 1 && typeof parts[0] === 'string') return parts[0];
  return parts.map((part) =>
    typeof part === 'string' ? (
      part
    ) : (
      <span class="invisible" title={part.name}>
        {part.label}
      </span>
    ),
  );
}

/** A link if the URL is a web address, otherwise its text. */
export function Link({ href, children }: { href: string | null | undefined; children: ComponentChildren }) {
  if (!href || !/^https?:\/\/[^\s]+$/i.test(href)) return <span>{children}</span>;
  return (
    <a href={href} rel="noreferrer noopener" target="_blank">
      {children}
    </a>
  );
}

/** A scrolling part that can be reached with the keyboard. */
export function Scroll(properties: { class: string; label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is neither a group of fields nor a landmark
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling part needs the focus to be scrolled with the keyboard
    <div role="group" class={properties.class} tabIndex={0} aria-label={properties.label}>
      {properties.children}
    </div>
  );
}

const FIRST = 3_000;
const STEP = 60_000;

/** Raw text, folded if it is long. */
export function Raw({ text, label }: { text: string; label: string }) {
  const [shown, setShown] = useState(FIRST);
  const long = text.length > shown + 500;
  return (
    <>
      <Scroll class="raw" label={label}>
        <bdi>{visibleParts(long ? text.slice(0, shown) : text)}</bdi>
        {long && '…'}
      </Scroll>
      {long && (
        <button type="button" class="more" onClick={() => setShown(shown + STEP)}>
          Show {count(Math.min(STEP, text.length - shown), 'character')} more of {number(text.length)}
        </button>
      )}
    </>
  );
}

/** A command with a copy button. */
export function Command({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const [whole, setWhole] = useState(false);
  const block = useRef<HTMLPreElement>(null);
  const long = text.length > 420;
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copyText(text, block.current)) ? 'copied' : 'failed');
  return (
    <div class="command">
      <pre ref={block} class={long && !whole ? 'clamped' : ''}>
        <bdi>{visibleParts(text)}</bdi>
      </pre>
      <div class="command-actions">
        {long && (
          <button type="button" class="quiet" aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {whole ? 'Fold' : 'Unfold'}
          </button>
        )}
        <button type="button" class="copy" onClick={copy} aria-label={`Copy ${label}`}>
          {state === 'copied' ? 'Copied' : state === 'failed' ? 'Press Ctrl+C' : 'Copy'}
        </button>
        <span role="status" class="unseen">
          {state === 'copied' ? 'Copied to the clipboard' : ''}
        </span>
      </div>
    </div>
  );
}

async function copyText(text: string, block: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed here, e.g. in a frame. The older way needs the text in a field.
  }
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (!done && block !== null) getSelection()?.selectAllChildren(block);
  return done;
}

export function number(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString('en') : '–';
}

export function count(value: number, word: string, plural = `${word}s`): string {
  return `${number(value)} ${value === 1 ? word : plural}`;
}

export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1_000) return `${ms < 10 && ms % 1 !== 0 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
