import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { DaemonState } from "../../../extension/daemon/state.ts";
import { rate, statusView } from "../../../extension/status/status-text.ts";
import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { english, model } from "./samples.ts";

const view = (state: DaemonState, models: readonly ModelStatus[] = [], trusted = true) => statusView({ state, models, trusted, t: english });
const running: DaemonState = { kind: "running", address: { url: "http://127.0.0.1:11500", token: "secret", pid: 1 } };
const error = new InfernoError("daemon_unreachable", "It ended.");

suite("status text", () => {
  test("each state", () => {
    const states: DaemonState[] = [{ kind: "stopped" }, { kind: "starting" }, { kind: "stopping" }, { kind: "waiting", delayMs: 500, error }, { kind: "failed", error }, running];
    assert.deepEqual(states.map((state) => [view(state).text, view(state).severity]), [
      ["$(flame) Inferno: off", "none"],
      ["$(sync~spin) Inferno: starting", "none"],
      ["$(sync~spin) Inferno: stopping", "none"],
      ["$(warning) Inferno: restarting", "warning"],
      ["$(error) Inferno: failed", "error"],
      ["$(flame) Inferno", "none"],
    ]);
    assert.equal(view({ kind: "waiting", delayMs: 500, error }).tooltip, "It ended. Next attempt after 0.5 s.");
    assert.equal(view({ kind: "failed", error }).tooltip, "It ended. Start one: `inferno serve`.");
  });

  test("the model in memory and its speed", () => {
    const label = (...models: ModelStatus[]) => view(running, models).label;
    assert.equal(label(model()), "Inferno");
    assert.equal(label(model({ state: "loading" })), "Inferno: loading ember");
    assert.equal(label(model({ state: "ready" })), "ember");
    assert.equal(label(model({ state: "ready", tokensPerSecond: 251.6 })), "ember, 252 tokens/s");
    const other = model({ name: "other", state: "ready", running: 1, tokensPerSecond: 3.14 });
    assert.equal(label(model({ state: "ready", tokensPerSecond: 1 }), other), "other +1, 3.1 tokens/s");
  });

  test("a busy model spins", () => {
    assert.equal(view(running, [model({ state: "ready", running: 1 })]).text, "$(loading~spin) ember");
  });

  test("says where it runs, never with the token, and that a workspace is not trusted", () => {
    assert.equal(view(running, [model({ state: "ready" })]).tooltip, "The Inferno daemon runs at http://127.0.0.1:11500. Loaded: ember.");
    assert.match(view({ kind: "stopped" }, [], false).tooltip, /not trusted/);
    assert.doesNotMatch(JSON.stringify(view(running, [model()])), /secret/);
  });

  test("rates", () => assert.deepEqual([0.04, 9.94, 12.5, 251.6].map(rate), ["0.0", "9.9", "13", "252"]));
});
