/**
 * Takes the pictures of both panels in real VS Code, in every theme, wide and narrow: docs/images/PANEL[-narrow]-THEME.png.
 *
 *   npm run build && node test/drivers/screenshots.ts
 */
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { withEditor } from "./editor-session.ts";
import { temporaryHome } from "./inferno-home.ts";
import { flame, playground } from "./panel-pages.ts";
import { packagedExtension } from "./vsix.ts";
import { themeNames, type Workbench } from "./workbench.ts";
import { withWorkspace } from "./workspace.ts";

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

async function shootPanels(editor: Workbench, suffix: string): Promise<void> {
  if (suffix !== "") await editor.palette("View: Toggle Primary Side Bar Visibility");
  await editor.palette("Inferno: New Chat");
  const chat = await playground(editor);
  await chat.answerTo("What is 17 + 25?");
  await chat.answerTo(story);
  await shootThemes(editor, `playground${suffix}`);
  await chat.traceButton(story).click();
  const graph = await flame(editor);
  await graph.graph().waitFor();
  await graph.clickSpan(1, 0.5);
  await graph.details().getByRole("heading").first().waitFor();
  await shootThemes(editor, `flame${suffix}`);
}

const home = await temporaryHome();
try {
  await withWorkspace({ "inferno.yaml": config }, async (folder) => {
    for (const [suffix, size] of Object.entries(sizes)) {
      await withEditor(`screenshots${suffix}`, { vsix: [await packagedExtension()], env: home.env }, async ({ open }) => {
        const editor = await open(folder, size);
        if (suffix === "") await editor.openViewContainer("Inferno");
        await shootPanels(editor, suffix);
      });
    }
  });
} finally {
  await home.dispose();
}
