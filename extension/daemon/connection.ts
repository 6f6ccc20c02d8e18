import { Client } from "../../protocol/client/index.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { DaemonController } from "./controller.ts";
import type { DaemonAddress } from "./state.ts";

/** Clients of the daemon that the controller keeps. */
export class DaemonConnection {
  readonly #controller: DaemonController;
  #known: { readonly address: DaemonAddress; readonly client: Client } | null = null;

  constructor(controller: DaemonController) {
    this.#controller = controller;
  }

  /** The running daemon's client, or null. Starts nothing. */
  get running(): Client | null {
    const { address } = this.#controller;
    return address === null ? null : this.#clientOf(address);
  }

  /** Starts the daemon where that is not against a person's wish; throws `daemon_unreachable` where it is. */
  async client(): Promise<Client> {
    if (this.running !== null) return this.running;
    if (!this.#controller.mayStartItself) throw notRunning(this.#controller);
    return this.#clientOf(await this.#controller.start());
  }

  #clientOf(address: DaemonAddress): Client {
    if (this.#known?.address !== address) this.#known = { address, client: new Client(address) };
    return this.#known.client;
  }
}

function notRunning({ state }: DaemonController): InfernoError {
  if (state.kind === "failed") return state.error;
  return new InfernoError("daemon_unreachable", "The daemon was stopped.", { hint: "Run “Inferno: Start Daemon”." });
}
