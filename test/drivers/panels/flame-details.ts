import type { Locator, Page } from "playwright-core";
import { strings } from "../../../webviews/flame/strings.ts";

/** What Flame says of what is selected. */
export const details = (page: Page): Locator => page.getByRole("complementary", { name: strings.span });

/** Waits until that is something of this name. */
export const selects = (page: Page, name: string): Promise<void> => details(page).getByRole("heading", { level: 2, name, exact: true }).waitFor();
