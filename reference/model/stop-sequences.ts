/** Where a stop sequence stands in a text. */
export interface Stop {
  sequence: string;
  start: number;
  /** Exclusive. */
  end: number;
}

/** A state of the search: the text so far ends with the path that leads here. */
interface Node {
  next: Map<string, Node>;
  /** The longest shorter end of the text that is the beginning of a sequence too. */
  fallback: Node | null;
  /** The longest sequence that is complete here. */
  complete: string | null;
}

/**
 * The sequence that is complete first while the text grows; of two that end together the one that began first. Looks for
 * all of them in one pass (Aho and Corasick, 1975), so that many sequences and a long text do not multiply.
 */
export function firstStop(text: string, sequences: readonly string[]): Stop | null {
  const fitting = sequences.filter(({ length }) => length <= text.length);
  if (fitting.length === 0) return null;
  const root = automaton(fitting);
  let node = root;
  for (let index = 0; index < text.length; index += 1) {
    node = step(node, text.charAt(index), root);
    if (node.complete !== null) {
      return { sequence: node.complete, start: index + 1 - node.complete.length, end: index + 1 };
    }
  }
  return null;
}

function automaton(sequences: readonly string[]): Node {
  const root: Node = { next: new Map(), fallback: null, complete: null };
  for (const sequence of sequences) {
    let node = root;
    for (let index = 0; index < sequence.length; index += 1) {
      const unit = sequence.charAt(index);
      let child = node.next.get(unit);
      if (!child) {
        child = { next: new Map(), fallback: null, complete: null };
        node.next.set(unit, child);
      }
      node = child;
    }
    node.complete = sequence;
  }
  const queue = [...root.next.values()];
  for (const child of queue) child.fallback = root;
  for (const node of queue) {
    for (const [unit, child] of node.next) {
      child.fallback = step(node.fallback ?? root, unit, root);
      child.complete ??= child.fallback.complete;
      queue.push(child);
    }
  }
  return root;
}

function step(from: Node, unit: string, root: Node): Node {
  let node: Node | null = from;
  while (node && !node.next.has(unit)) node = node.fallback;
  return node?.next.get(unit) ?? root;
}
