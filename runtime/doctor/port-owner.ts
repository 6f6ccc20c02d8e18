import { createServer } from "node:net";
import type { Machine } from "../machine/machine.ts";

/** Whether a port can be listened on, found out by doing it. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The process that listens on a port, as `name (pid N)`; null where the system does not tell, as for other users' processes. */
export function portOwner(machine: Machine, port: number): string | null {
  const inodes = listeningInodes(machine.read("/proc/net/tcp") + machine.read("/proc/net/tcp6"), port);
  if (inodes.size === 0) return null;
  for (const pid of machine.list("/proc").filter((name) => /^\d+$/.test(name))) {
    const holds = machine.list(`/proc/${pid}/fd`).some((fd) => inodes.has(machine.link(`/proc/${pid}/fd/${fd}`)));
    if (holds) return `${machine.read(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
  }
  return null;
}

/** Columns of /proc/net/tcp: number, local address:port in hex, remote, state (0A listens), …, and the socket's inode as the tenth. */
function listeningInodes(table: string, port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  return new Set(rows.filter((row) => row[1]?.endsWith(suffix) === true && row[3] === "0A").map((row) => `socket:[${row[9] ?? ""}]`));
}
