import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../base/package-root.ts";
import { spanTable } from "../../protocol/trace.ts";
import { seriousViolations } from "../drivers/accessibility.ts";
import { withEditor } from "../drivers/editor-session.ts";
import { temporaryHome } from "../drivers/inferno-home.ts";
import { flame, playground } from "../drivers/panel-pages.ts";
import { packagedExtension } from "../drivers/vsix.ts";
import { withWorkspace } from "../drivers/workspace.ts";

const picture = (name: string): string => join(packageRoot(import.meta.dirname), "test-results", `${name}.png`);
const story = "Write a short story about a red kite.";

test("a chat with Ember arrives token by token, its trace opens as a flame graph, and a second window shares the daemon", async () => {
  const home = await temporaryHome();
  try {
    await withWorkspace({ "inferno.yaml": "server:\n  port: 0\n" }, async (folder) => {
      await withEditor("chat to flame", { vsix: [await packagedExtension()], env: home.env }, async ({ open }) => {
        const editor = await open(folder);
        await editor.palette("Inferno: New Chat");
        const chat = await playground(editor);
        assert.match((await chat.answerTo("What is 17 + 25?")).text, /42/);
        const { text, growths } = await chat.answerTo(story);
        assert.ok(text.length > 40, `the story is only ${JSON.stringify(text)}`);
        assert.ok(growths > 2, `the answer was seen to grow ${growths} times: tokens did not arrive one after another`);
        assert.deepEqual(await seriousViolations(chat.frame), []);
        await editor.screenshot(picture("e2e-playground"));
        await editor.statusBarItem(/tok\/s|tokens\/s/).waitFor();

        await chat.traceButton(story).click();
        const graph = await flame(editor);
        await graph.graph().waitFor();
        // Below the request's own row lie its stages; in the middle of a story that is a decode step or what belongs to it.
        await graph.clickSpan(1, 0.5);
        const details = graph.details();
        await details.getByRole("heading").first().waitFor();
        const name = (await details.getByRole("heading").first().innerText()).trim();
        assert.ok(Object.keys(spanTable).includes(name), `${name} is no span of the contract`);
        assert.match(await details.innerText(), /%/);
        assert.deepEqual(await seriousViolations(graph.frame), []);
        await editor.screenshot(picture("e2e-flame"));

        const first = await home.daemon();
        const second = await open(folder);
        await second.palette("Inferno: New Chat");
        assert.match((await (await playground(second)).answerTo("What is 2 + 2?")).text, /4/);
        assert.equal((await home.daemon()).pid, first.pid);
        await second.close();
        assert.match((await chat.answerTo("What is 17 + 25?")).text, /42/);
      });
    });
  } finally {
    await home.dispose();
  }
});
