// The second half of this script: what cells and elements do once somebody uses them.

import { linesOf } from "./blocks.js";
import { element } from "./cell.js";
import { language, nonce, settings, theme } from "./settings.js";

/** Where the second half leaves what it has, and finds what it needs of the first. */
const PLACE = Symbol.for("petset.embed.use");

let loading = null;

/** Loads it; whoever waits for it waits for the same one. A script, not a module: modules of another host would need CORS. */
export function use() {
  return (loading ??= new Promise((resolve, reject) => {
    window[PLACE] = { settings, language, theme, element, linesOf };
    const script = element("script", { src: new URL("embed-use.js", settings.base).href, nonce });
    script.onload = () => resolve(window[PLACE]);
    script.onerror = () => {
      // The next one who asks may have more luck.
      loading = null;
      script.remove();
      reject(new Error("late"));
    };
    document.head.append(script);
  }));
}
