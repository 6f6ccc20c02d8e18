import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { isPortFree, portOwner } from "../../../../runtime/doctor/port-owner.ts";
import { fakeMachine } from "./fake-machine.ts";

test("a port is free until somebody listens on it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  assert.equal(await isPortFree("127.0.0.1", port), false);
  server.close();
  await once(server, "close");
  assert.equal(await isPortFree("127.0.0.1", port), true);
});

test("the process behind a port", () => {
  // 0x2CEC is 11500; the second row is a connection to it (01), not a listener.
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:2CEC 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1",
    "   1: 0100007F:2CED 0100007F:2CEC 01 00000000:00000000 00:00000000 00000000  1000        0 888 1",
  ].join("\n");
  const machine = fakeMachine({
    files: { "/proc/net/tcp": table, "/proc/42/comm": "other\n", "/proc/43/comm": "python3\n" },
    links: { "/proc/42/fd/3": "socket:[888]", "/proc/43/fd/5": "socket:[777]" },
  });
  assert.equal(portOwner(machine, 11_500), "python3 (pid 43)");
  assert.equal(portOwner(machine, 11_501), null, "a connection is no listener");
  assert.equal(portOwner(fakeMachine({ files: { "/proc/net/tcp": table } }), 11_500), null, "another user's process");
});
