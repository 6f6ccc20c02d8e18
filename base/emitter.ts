import { toDisposable, type Disposable } from "./disposable.ts";

type Listener<T> = (event: T) => void;

/** One typed event. Listeners are called in the order in which they were added. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<Listener<T>>();

  on(listener: Listener<T>): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  emit(event: T): void {
    // A copy, because a listener may remove itself or add another while it runs.
    for (const listener of [...this.#listeners]) listener(event);
  }

  get size(): number {
    return this.#listeners.size;
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
