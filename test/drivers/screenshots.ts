/**
 * Takes the pictures of both panels and of the debugger in real VS Code, in every theme, the panels wide and narrow: docs/images/PANEL[-narrow]-THEME.png.
 *
 *   npm run build && node test/drivers/screenshots.ts
 */
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { DebugView } from "./debug-view.ts";
import { eventually } from "./eventually.ts";
import { withInferno } from "./inferno-session.ts";
import { flame, repeatablePlayground, type FlamePanel } from "./panel-pages.ts";
import { themeNames, type Workbench } from "./workbench.ts";

const images = join(packageRoot(import.meta.dirname), "docs", "images");
const sizes = { "": { width: 1440, height: 900 }, "-narrow": { width: 620, height: 900 } };
const config = `# The models of this folder. Ember is always there.
server:
  port: 0
`;
const story = "Write a short story about a red kite.";

async function shootThemes(editor: Workbench, name: string): Promise<void> {
  for (const theme of themeNames) {
    await editor.setTheme(theme);
    await editor.screenshot(join(images, `${name}-${theme}.png`));
    console.log(`docs/images/${name}-${theme}.png`);
  }
}

/** Most of an answer is decode steps, but in its middle may be something else just as well. */
async function selectDecode(graph: FlamePanel): Promise<void> {
  await eventually("a decode step under the mouse", async () => {
    await graph.clickSpan(2, 0.3 + 0.4 * Math.random());
    return await graph.details().getByRole("heading", { name: "decode" }).isVisible();
  });
}

async function shootPanels(editor: Workbench, suffix: string): Promise<void> {
  await editor.palette("Inferno: New Chat");
  const chat = await repeatablePlayground(editor);
  await chat.answerTo("What is 17 + 25?");
  await chat.answerTo(story);
  // Views and status bar ask every two seconds; until then they show the state before the answer.
  await editor.statusBarItem(/ember, \d+(\.\d)? tokens\/s/).waitFor();
  await editor.page.locator(".pane .codicon-modifier-spin").first().waitFor({ state: "hidden" });
  await shootThemes(editor, `playground${suffix}`);
  // Beside the chat it would get half the width.
  await editor.palette("View: Close All Editors");
  await editor.palette("Inferno: Show Profile of the Latest Request");
  const graph = await flame(editor);
  await graph.graph().waitFor();
  await selectDecode(graph);
  await shootThemes(editor, `flame${suffix}`);
}

for (const [suffix, size] of Object.entries(sizes)) {
  await withInferno(`screenshots${suffix}`, { files: { "inferno.yaml": config } }, async ({ open }) => {
    const editor = await open(size);
    if (suffix === "") await editor.openViewContainer("Inferno");
    else await editor.palette("View: Toggle Primary Side Bar Visibility");
    await shootPanels(editor, suffix);
  });
}

const launch = { type: "inferno", request: "launch", name: "The sun", model: "ember", messages: [{ role: "user", content: "Tell me about the sun" }], temperature: 0.9, seed: 11, max_tokens: 40 };
const debugged = { "inferno.yaml": config, ".vscode/launch.json": JSON.stringify({ version: "0.2.0", configurations: [launch] }) };

/** A fork at its second token, with what the temperature made of the candidates. */
await withInferno("screenshots-debugger", { files: debugged }, async ({ open }) => {
  const editor = await open(sizes[""]);
  const debug = new DebugView(editor);
  await debug.start();
  await debug.standsAt(0);
  for (const token of [1, 2]) {
    await debug.press("Step Over");
    await debug.standsAt(token);
  }
  await debug.variable(/index.*2/).waitFor();
  await debug.setValue("text", "live", '"live"');
  await debug.press("Step Over");
  await debug.standsAt(3);
  await debug.variable(/index.*3/).waitFor();
  await debug.variable(/^Token$/).click();
  await debug.variable("Candidates").click();
  await debug.variable(/^temperature/).click();
  await debug.variable(/%.*→/).first().waitFor();
  await debug.type("branches");
  await shootThemes(editor, "debugger");
});
