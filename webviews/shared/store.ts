import { useEffect, useState } from "preact/hooks";
import { Emitter } from "../../base/emitter.ts";
import type { Disposable } from "../../base/disposable.ts";

/** A panel's state and its one way to change: actions through a pure reducer. */
export class Store<State, Action> {
  readonly #reduce: (state: State, action: Action) => State;
  readonly #changed = new Emitter<State>();
  #state: State;

  constructor(reduce: (state: State, action: Action) => State, initial: State) {
    this.#reduce = reduce;
    this.#state = initial;
  }

  get state(): State {
    return this.#state;
  }

  readonly dispatch = (action: Action): void => {
    const next = this.#reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    this.#changed.emit(next);
  };

  subscribe(listener: (state: State) => void): Disposable {
    return this.#changed.on(listener);
  }
}

/** A part of the state; the component is drawn again only when that part changes. */
export function useSelect<State, Action, Part>(store: Store<State, Action>, select: (state: State) => Part): Part {
  const [part, setPart] = useState(() => select(store.state));
  useEffect(() => {
    // What changed between the first drawing and this subscription would otherwise be missed.
    setPart(() => select(store.state));
    const subscription = store.subscribe((state) => setPart(() => select(state)));
    return () => subscription.dispose();
  }, [store]);
  return part;
}
