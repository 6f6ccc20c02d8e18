import { Emitter } from "../../base/emitter.ts";
import type { Disposable } from "../../base/disposable.ts";

/** One end of the line between the gateway and a model host. Messages arrive in the order in which they were sent. */
export interface Channel<Out, In> {
  /** Dropped when the other end is gone: whoever needs to know listens to `onClose`. */
  send(message: Out): void;
  onMessage(listener: (message: In) => void): Disposable;
  /** Called once, whichever end closed, and also when the other process died. */
  onClose(listener: () => void): Disposable;
  /** Lets messages already sent arrive, then closes both ends. */
  close(): void;
}

/** What `process` (in the child) and a ChildProcess (in the gateway) have in common. */
export interface IpcEnd {
  readonly connected: boolean;
  send?(message: unknown, handle?: undefined, options?: undefined, sent?: (error: Error | null) => void): boolean;
  disconnect?(): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
}

/** A channel over Node's IPC pipe; the child must be forked with `serialization: "advanced"`, or bytes do not survive. */
export function ipcChannel<Out, In>(end: IpcEnd): Channel<Out, In> {
  const messages = new Emitter<In>();
  const closes = new Emitter<void>();
  let unsent = 0;
  let closing = false;
  const disconnectWhenSent = (): void => {
    if (closing && unsent === 0 && end.connected) end.disconnect?.();
  };
  // Both ends are built from the same source tree, so the pipe's `unknown` is this type.
  end.on("message", (message) => messages.emit(message as In));
  end.on("disconnect", () => closes.emit());

  return {
    send: (message) => {
      if (closing || !end.connected) return;
      unsent += 1;
      // With a callback, a broken pipe is reported here and not as an "error" event that would end the gateway.
      end.send?.(message, undefined, undefined, () => {
        unsent -= 1;
        disconnectWhenSent();
      });
    },
    onMessage: (listener) => messages.on(listener),
    onClose: (listener) => closes.on(listener),
    close: () => {
      closing = true;
      disconnectWhenSent();
    },
  };
}

/** Two linked ends in one process, for tests: every message is cloned, as a pipe would, and arrives in a later microtask. */
export function memoryChannels<A, B>(): readonly [Channel<A, B>, Channel<B, A>] {
  const toFirst = new Emitter<B>();
  const toSecond = new Emitter<A>();
  const closes = new Emitter<void>();
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    queueMicrotask(() => closes.emit());
  };
  const sendTo = <T>(receiver: Emitter<T>) => (message: T): void => {
    if (closing) return;
    const copy = structuredClone(message);
    queueMicrotask(() => receiver.emit(copy));
  };
  const common = { onClose: (listener: () => void) => closes.on(listener), close };
  return [
    { ...common, send: sendTo(toSecond), onMessage: (listener) => toFirst.on(listener) },
    { ...common, send: sendTo(toFirst), onMessage: (listener) => toSecond.on(listener) },
  ];
}
