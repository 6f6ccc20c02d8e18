import type { Page } from "playwright-core";
import type { Client } from "../../../protocol/client/index.ts";
import { strings } from "../../../webviews/tokens/strings.ts";
import type { TokensPanel } from "../panel-pages.ts";
import { user } from "../test-daemon.ts";

/** A request, and what somebody does with its tokens. */
export interface TokenView {
  readonly ask: (client: Client) => Promise<string>;
  readonly show: (page: Page, panel: TokensPanel) => Promise<void>;
}

const sun = user("Tell me about the sun");
const story = { model: "ember", temperature: 0.9, seed: 11, max_tokens: 60 };
const asked = async (client: Client, body: object): Promise<string> => (await client.call("chatCompletions", { body: { ...story, messages: [sun], ...body } })).timings.trace_id;

const second = async (client: Client): Promise<string> => {
  const first = await client.call("chatCompletions", { body: { ...story, messages: [sun] } });
  const answer = { role: "assistant" as const, content: first.choices[0]?.message.content ?? "" };
  const { timings } = await client.call("chatCompletions", { body: { ...story, messages: [user("Tell me about the moon"), answer, user("And the moon?")] } });
  return timings.trace_id;
};

export const tokenViews: Readonly<Record<string, TokenView>> = {
  plain: { ask: (client) => asked(client, {}), show: async () => {} },
  details: { ask: (client) => asked(client, { profile: "ops" }), show: async (_page, panel) => await panel.token(7).click() },
  entropy: {
    ask: (client) => asked(client, { temperature: 1.6, max_tokens: 200 }),
    show: async (page) => void (await page.getByLabel(strings.colour).selectOption("entropy")),
  },
  reuse: {
    ask: second,
    show: async (page) => {
      await page.getByLabel(strings.colour).selectOption("reuse");
      await page.getByText(strings.reuse.title).click();
    },
  },
  table: {
    ask: (client) => asked(client, {}),
    show: async (page, panel) => {
      await panel.view("table");
      await page.locator("tbody tr").nth(20).click();
    },
  },
  closer: {
    ask: (client) => asked(client, { cache_prompt: false }),
    show: async (_page, panel) => {
      await panel.token(7).click();
      await panel.lookCloser();
    },
  },
  fork: {
    ask: (client) => asked(client, { cache_prompt: false }),
    show: async (_page, panel) => {
      await panel.token(7).click();
      await panel.chooseAnother();
    },
  },
  difference: {
    ask: (client) => asked(client, { cache_prompt: false }),
    show: async (_page, panel) => {
      await panel.token(7).click();
      await panel.chooseAnother();
      await panel.view("difference");
    },
  },
};
