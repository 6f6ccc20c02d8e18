import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../base/package-root.ts";
import { DebugView } from "../drivers/debug-view.ts";
import { withInferno } from "../drivers/inferno-session.ts";

const configuration = {
  type: "inferno", request: "launch", name: "Ask about the sun", model: "ember", messages: [{ role: "user", content: "Tell me about the sun" }],
  temperature: 0.9, seed: 11, max_tokens: 40,
};

test("an answer is stepped through, on and back, with the editor's own toolbar", async () => {
  const files = { "inferno.yaml": "server:\n  port: 0\n", ".vscode/launch.json": JSON.stringify({ version: "0.2.0", configurations: [configuration] }) };
  await withInferno("debug", { files }, async ({ open }) => {
    const editor = await open({ width: 1400, height: 1300 });
    const debug = new DebugView(editor);
    await debug.start();
    await debug.standsAt(0);
    await debug.press("Step Over");
    await debug.standsAt(1);
    await debug.press("Step Over");
    await debug.standsAt(2);
    await debug.frame('token 2: "am"').waitFor();
    await debug.variable("probability").waitFor();
    await debug.variable(/chosen_by: *only|chosen_by =? *only/).waitFor();
    await debug.press("Step Into");
    await debug.frame("logits").waitFor();
    await debug.press("Step Back");
    await debug.press("Step Back");
    await debug.standsAt(1);
    await debug.press("Continue");
    await debug.reason("The answer is over (stop)").waitFor();
    await debug.toggleBreakpoint(18);
    await debug.press("Reverse");
    await debug.standsAt(18);
    await debug.press("Reverse");
    await debug.standsAt(0);
    await debug.press("Continue");
    await debug.standsAt(18);
    await debug.reason("At a breakpoint").waitFor();
    await debug.press("Reverse");
    await debug.standsAt(0);
    await debug.press("Step Over");
    await debug.standsAt(1);
    await debug.press("Step Over");
    await debug.standsAt(2);
    await debug.variable(/index.*2/).waitFor();
    await debug.setValue("text", "live", '"live"');
    await debug.frame('token 2: "live"').waitFor();
    await debug.variable(/chosen_by.*debugger/).waitFor();
    await debug.press("Step Over");
    await debug.standsAt(3);
    await debug.variable(/index.*3/).waitFor();
    // Only the rows in sight are drawn.
    await debug.variable(/^Token$/).click();
    await debug.variable("Candidates").click();
    await debug.variable(/^temperature/).click();
    await debug.variable(/%.*→/).first().waitFor();
    await editor.screenshot(join(packageRoot(import.meta.dirname), "test-results", "debug.png"));
    await debug.press("Stop");
    await debug.toolbar.waitFor({ state: "hidden" });

    // The first of the branches, once more: the latest is a branch of another trace.
    await editor.openViewContainer("Inferno");
    await editor.rowAction(editor.treeRows("Traces").last(), "Debug This Request");
    await debug.standsAt(0);
    await debug.press("Continue");
    await editor.page.getByText("Replay: all").first().waitFor();
    await debug.press("Stop");
    await debug.toolbar.waitFor({ state: "hidden" });
  });
});

test("without a launch.json, what is missing is asked for; the debug console forks and goes back", async () => {
  await withInferno("debug-asks", { files: { "inferno.yaml": "server:\n  port: 0\n" } }, async ({ open }) => {
    const editor = await open();
    const debug = new DebugView(editor);
    await editor.palette("Debug: Select and Start Debugging");
    await editor.pick("Inferno...");
    await editor.pick("Ask a model");
    await editor.answer("Tell me about the sun");
    await debug.standsAt(0);
    await debug.type("branches");
    await debug.said("* 1  ember").waitFor();
    await debug.press("Step Over");
    await debug.standsAt(1);
    await debug.type("fork 220");
    await debug.said("ember 2 fork at 1").waitFor();
    await debug.type("select 1");
    await debug.standsAt(1);
    await debug.type("nonsense");
    await debug.said("nonsense").waitFor();
    await debug.press("Stop");
    await debug.toolbar.waitFor({ state: "hidden" });
  });
});
