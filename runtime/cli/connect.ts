import { Client } from "../../protocol/client/index.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { findDaemon } from "../daemon/find.ts";
import { chooseConfig, type Context } from "./context.ts";

/** The running daemon's client, or null. */
export async function findClient({ home }: Context): Promise<Client | null> {
  const record = await findDaemon(home);
  return record === null ? null : new Client(record);
}

/** Throws `daemon_unreachable`. */
export async function requireClient(context: Context): Promise<Client> {
  const client = await findClient(context);
  if (client === null) throw new InfernoError("daemon_unreachable", `No daemon runs for the state folder ${context.home}.`);
  return client;
}

/** Does something with the running daemon, to which a configuration that was asked for is attached, or with one inside this process that ends with it. */
export async function withDaemon<T>(context: Context, asked: string | undefined, act: (client: Client) => Promise<T>): Promise<T> {
  const running = await findClient(context);
  if (running !== null) {
    if (asked !== undefined) await running.call("attach", { body: { pid: process.pid, config: chooseConfig(context, asked) } });
    return await act(running);
  }
  // Loaded late: the server and everything behind it, for commands that find a daemon do without.
  const { startDaemon } = await import("../daemon/start.ts");
  const daemon = await startDaemon({ home: context.home, config: chooseConfig(context, asked), ephemeral: true });
  try {
    return await act(new Client(daemon));
  } finally {
    await daemon.close();
  }
}
