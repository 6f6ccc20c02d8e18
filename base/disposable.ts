/** Something that holds a resource until it is told to let go. Disposing twice is allowed and does nothing more. */
export interface Disposable {
  dispose(): void;
}

export function toDisposable(dispose: () => void): Disposable {
  let done = false;
  return {
    dispose: () => {
      if (done) return;
      done = true;
      dispose();
    },
  };
}

/**
 * A bag of disposables. What is added after disposal is disposed at once, so that a resource
 * that arrives late (an awaited process, a late listener) cannot leak.
 */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Disposes everything, newest first; failures are collected so that one bad item does not keep the rest alive. */
  dispose(): void {
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const item of [...this.#items].reverse()) {
      try {
        item.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#items.clear();
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} disposables failed`);
  }
}
