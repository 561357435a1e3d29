/** A promise that is resolved from outside. */
export interface Deferred {
  readonly promise: Promise<void>;
  readonly isDone: boolean;
  resolve(): void;
}

export function deferred(): Deferred {
  let isDone = false;
  let done = (): void => {};
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return {
    promise,
    get isDone() {
      return isDone;
    },
    resolve() {
      isDone = true;
      done();
    },
  };
}
