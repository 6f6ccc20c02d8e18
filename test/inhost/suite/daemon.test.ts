import assert from "node:assert/strict";
import * as vscode from "vscode";
import { eventually } from "../../drivers/eventually.ts";
import { isAlive } from "../../../runtime/daemon/lock.ts";
import { runningDaemon } from "../../drivers/inferno-home.ts";
import { ourExtension } from "./editor.ts";

const home = process.env.INFERNO_HOME ?? "";
const pidNow = async (): Promise<number | undefined> => (await runningDaemon(home))?.pid;

describe("the daemon behind the extension", () => {
  before(async () => {
    await ourExtension().activate();
    await vscode.commands.executeCommand("inferno.start");
  });

  it("is started by the command, answers, and is not started twice", async () => {
    const daemon = await eventually("a daemon", async () => await runningDaemon(home));
    const health = (await (await fetch(`${daemon.url}/health`)).json()) as { status: string; pid: number };
    assert.deepEqual([health.status, health.pid], ["ok", daemon.pid]);
    await vscode.commands.executeCommand("inferno.start");
    assert.equal(await pidNow(), daemon.pid);
  });

  it("gets another process on restart", async () => {
    const before = await eventually("a daemon", pidNow);
    await vscode.commands.executeCommand("inferno.restart");
    const after = await eventually("another daemon", async () => {
      const pid = await pidNow();
      return pid === before ? undefined : pid;
    });
    assert.notEqual(after, before);
    assert.equal(isAlive(before), false);
  });

  it("comes back by itself when it is killed", async () => {
    const before = await eventually("a daemon", pidNow);
    process.kill(before, "SIGKILL");
    const after = await eventually("a new daemon", async () => {
      const pid = await pidNow();
      return pid === before ? undefined : pid;
    });
    assert.notEqual(after, before);
  });

  it("ends on stop and stays ended until it is started again", async () => {
    const before = await eventually("a daemon", pidNow);
    await vscode.commands.executeCommand("inferno.stop");
    await eventually("the end of the daemon", () => Promise.resolve(!isAlive(before)));
    await vscode.commands.executeCommand("inferno.start");
    assert.notEqual(await eventually("a new daemon", pidNow), before);
  });
});
