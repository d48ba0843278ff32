// The look of cells. A constructed sheet: no policy about styles stands in its way.

// The build writes this file, without blanks, from cell.css.
import css from "../generated/cell.css";

let made;

export function sheet() {
  if (!made) (made = new CSSStyleSheet()).replaceSync(css);
  return made;
}
