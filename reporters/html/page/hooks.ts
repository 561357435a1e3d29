import { useLayoutEffect } from 'preact/hooks';
import { requirementOf } from './filters.js';

/** Scrolls to a part of the page and focuses it. */
export function reveal(anchor: string): void {
  const target = anchor ? (document.getElementById(anchor) ?? document.getElementById(requirementOf(anchor))) : null;
  if (target === null) return;
  target.scrollIntoView({ block: 'start' });
  (target.querySelector<HTMLElement>('h3 button') ?? target).focus({ preventScroll: true });
}

/** Reveals a part once more when the browser has followed the address itself: that takes the focus away again. */
export function revealOnLoad(anchor: string): void {
  if (document.readyState === 'complete') return;
  const again = () => document.activeElement === document.body && reveal(anchor);
  addEventListener('load', () => setTimeout(again), { once: true });
}

/** Unfolds everything that did not pass when the page is printed. */
export function usePrinting(setPrinting: (printing: boolean) => void): void {
  useLayoutEffect(() => {
    const query = matchMedia('print');
    const follow = () => setPrinting(query.matches);
    const before = () => setPrinting(true);
    const after = () => setPrinting(false);
    follow();
    query.addEventListener('change', follow);
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      query.removeEventListener('change', follow);
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, [setPrinting]);
}

/** `/` focuses the search box. */
export function useSearchKey(): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.matches('input, select, textarea');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      document.getElementById('search')?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** Sets the URL without a history entry. Fast typing is throttled, because browsers reject too many changes. */
export const setHash = throttled(400, (hash: string) => {
  try {
    history.replaceState(null, '', hash);
  } catch {
    // A page in a frame may have no URL of its own.
  }
});

/** Throttles calls; the latest value wins. */
function throttled<Value>(everyMs: number, call: (value: Value) => void): (value: Value) => void {
  let last = 0;
  let waiting: { value: Value } | null = null;
  const now = (value: Value) => {
    last = Date.now();
    waiting = null;
    call(value);
  };
  return (value) => {
    const delay = last + everyMs - Date.now();
    if (waiting !== null) waiting.value = value;
    else if (delay <= 0) now(value);
    else {
      const next = { value };
      waiting = next;
      setTimeout(() => now(next.value), delay);
    }
  };
}
