import { render, type ComponentChild } from "preact";

/** Draws into the page's `#app`. */
export function mount(node: ComponentChild): void {
  const app = document.querySelector("#app");
  if (app === null) throw new Error("The page has no element #app");
  render(node, app);
}
