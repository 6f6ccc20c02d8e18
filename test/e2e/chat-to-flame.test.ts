import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../base/package-root.ts";
import { spanTable } from "../../protocol/trace.ts";
import { seriousViolations } from "../drivers/accessibility.ts";
import { withInferno } from "../drivers/inferno-session.ts";
import { flame, repeatablePlayground } from "../drivers/panel-pages.ts";

const picture = (name: string): string => join(packageRoot(import.meta.dirname), "test-results", `${name}.png`);
const story = "Write a short story about a red kite.";
const files = { "inferno.yaml": "server:\n  port: 0\n" };

test("a chat with Ember arrives token by token, and its trace opens as a flame graph", async () => {
  await withInferno("chat to flame", { files }, async ({ open }) => {
    const editor = await open();
    await editor.palette("Inferno: New Chat");
    const chat = await repeatablePlayground(editor);
    assert.match((await chat.answerTo("What is 17 + 25?")).text, /42/);
    const { text, growths } = await chat.answerTo(story);
    assert.ok(text.length > 40, `the story is only ${JSON.stringify(text)}`);
    assert.ok(growths > 2, `the answer was seen to grow ${growths} times: tokens did not arrive one after another`);
    await editor.statusBarItem(/ember, \d+(\.\d)? tokens\/s/).waitFor();
    assert.deepEqual(await seriousViolations(chat.frame), []);
    await editor.screenshot(picture("e2e-playground"));

    await chat.traceButton(story).click();
    const graph = await flame(editor);
    await graph.graph().waitFor();
    // Below the request lie its phases, and below these the stages.
    await graph.clickSpan(2, 0.5);
    const heading = graph.details().getByRole("heading").first();
    await heading.waitFor();
    const name = (await heading.innerText()).trim();
    assert.ok(Object.keys(spanTable).includes(name), `${name} is no span of the contract`);
    assert.match(await graph.details().innerText(), /\d %/);
    assert.deepEqual(await seriousViolations(graph.frame), []);
    await editor.screenshot(picture("e2e-flame"));
  });
});

test("a second window uses the first one's daemon, and closing it leaves the first window's chat alive", async () => {
  await withInferno("second window", { files }, async ({ home, open }) => {
    const first = await open();
    await first.palette("Inferno: New Chat");
    const chat = await repeatablePlayground(first);
    await chat.answerTo("What is 17 + 25?");
    const { pid } = await home.daemon();

    const second = await open();
    await second.palette("Inferno: New Chat");
    assert.match((await (await repeatablePlayground(second)).answerTo("What is 2 + 2?")).text, /4/);
    assert.equal((await home.daemon()).pid, pid);
    await second.close();
    assert.match((await chat.answerTo("What is 30 + 12?")).text, /42/);
    assert.equal((await home.daemon()).pid, pid);
  });
});
