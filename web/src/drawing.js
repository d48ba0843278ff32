// A part of the page as a drawing of its own: rectangles, paths and text, with all styles written out.
// Nothing in it refers to the page or to another host; fonts are named with their fallbacks.

const NS = "http://www.w3.org/2000/svg";
const PAINT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity"];
const WIDEST_PX = 16_000;

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const round = (n) => Math.round(n * 100) / 100;
const seen = (colour) => colour && colour !== "transparent" && !/, 0\)$|\/ 0\)$/.test(colour);

/** Writes what `root` shows. Measures, and changes nothing that stays. */
class Drawing {
  constructor(root) {
    this.root = root;
    this.out = [];
    this.defs = new Map();
    const frame = root.getBoundingClientRect();
    this.left = frame.left - root.scrollLeft + root.clientLeft;
    this.top = frame.top - root.scrollTop + root.clientTop;
    this.pen = document.createElement("canvas").getContext("2d");
  }

  place(rect) {
    return { x: round(rect.left - this.left), y: round(rect.top - this.top), w: round(rect.width), h: round(rect.height) };
  }

  element(element) {
    if (element.closest("[data-export=no]") || element.matches(".visually-hidden, option")) return;
    const style = getComputedStyle(element);
    if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return;
    if (element.matches("svg")) return this.svg(element, style);
    this.box(this.place(element.getBoundingClientRect()), style);
    this.pseudo(element, "::before");
    if (element.matches("select, input")) this.field(element, style);
    else for (const child of element.childNodes) this.node(child, style);
    this.pseudo(element, "::after");
  }

  node(node, style) {
    if (node.nodeType === Node.ELEMENT_NODE) this.element(node);
    else if (node.nodeType === Node.TEXT_NODE && node.data.trim()) this.text(node, style);
  }

  /** Background and borders. */
  box({ x, y, w, h }, style) {
    if (w <= 0 || h <= 0) return;
    const sides = ["Top", "Right", "Bottom", "Left"].map((side) => ({
      width: parseFloat(style[`border${side}Width`]) || 0,
      line: style[`border${side}Style`],
      colour: style[`border${side}Color`],
    }));
    const drawn = sides.map((side) => side.width > 0 && side.line !== "none" && seen(side.colour));
    const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, w / 2, h / 2);
    const fill = this.ground(style);
    const same = drawn.every(Boolean) && sides.every((side) => side.width === sides[0].width && side.colour === sides[0].colour && side.line === sides[0].line);
    if (same) {
      const half = sides[0].width / 2;
      const stroke = `stroke="${sides[0].colour}" stroke-width="${sides[0].width}"${dashes(sides[0])}`;
      this.out.push(`<rect x="${round(x + half)}" y="${round(y + half)}" width="${round(Math.max(0, w - 2 * half))}" height="${round(Math.max(0, h - 2 * half))}" rx="${round(radius)}" fill="${fill}" ${stroke}/>`);
      return;
    }
    if (fill !== "none") this.out.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${round(radius)}" fill="${fill}"/>`);
    const ends = [[x, y, x + w, y], [x + w, y, x + w, y + h], [x, y + h, x + w, y + h], [x, y, x, y + h]];
    ends.forEach(([x1, y1, x2, y2], at) => {
      if (!drawn[at]) return;
      const side = sides[at];
      this.out.push(`<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${side.colour}" stroke-width="${side.width}"${dashes(side)}/>`);
    });
  }

  ground(style) {
    if (/repeating-linear-gradient/.test(style.backgroundImage)) return this.hatch(style.borderTopColor);
    return seen(style.backgroundColor) ? style.backgroundColor : "none";
  }

  hatch(colour) {
    const id = `hatch${this.defs.size}`;
    const known = [...this.defs].find(([, drawn]) => drawn.includes(`"${colour}"`) && drawn.includes("hatch"));
    if (known) return `url(#${known[0]})`;
    this.defs.set(id, `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/><rect width="3" height="6" fill="${colour}" opacity="0.35"/></pattern>`);
    return `url(#${id})`;
  }

  /** A box that only the style sheet knows; only those that are placed can be measured. */
  pseudo(element, which) {
    const style = getComputedStyle(element, which);
    if (style.content === "none" || style.display === "none" || style.position !== "absolute") return;
    const host = element.getBoundingClientRect();
    const number = (name) => parseFloat(style[name]) || 0;
    const rect = { left: host.left + element.clientLeft + number("left"), top: host.top + element.clientTop + number("top"), width: number("width"), height: number("height") };
    this.box(this.place(rect), style);
  }

  field(element, style) {
    const text = element.matches("select") ? element.selectedOptions[0]?.textContent : element.value;
    const { x, y, h } = this.place(element.getBoundingClientRect());
    if (!text || element.matches("[type=radio], [type=checkbox], [type=range]")) return this.choice(element, x, y, h, style);
    this.line(text, x + (parseFloat(style.paddingLeft) || 0) + 2, y + h / 2 + parseFloat(style.fontSize) * 0.35, 0, style);
  }

  choice(element, x, y, h, style) {
    if (!element.matches("[type=radio]")) return;
    const [cx, cy, r] = [x + h / 2, y + h / 2, h / 2 - 1];
    this.out.push(`<circle cx="${round(cx)}" cy="${round(cy)}" r="${round(r)}" fill="none" stroke="${style.color}"/>`);
    if (element.checked) this.out.push(`<circle cx="${round(cx)}" cy="${round(cy)}" r="${round(r / 2)}" fill="${style.color}"/>`);
  }

  /** A text, line by line as the page has broken it. What is cut off there ends with an ellipsis here. */
  text(node, style) {
    const range = document.createRange();
    const lines = [];
    for (let at = 0; at < node.length; at += 1) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const rect = range.getClientRects()[0];
      if (!rect || (rect.width === 0 && !node.data[at].trim())) continue;
      const last = lines.at(-1);
      if (last && Math.abs(last.top - rect.top) < 2) [last.right, last.end] = [rect.right, at + 1];
      else lines.push({ top: rect.top, height: rect.height, left: rect.left, right: rect.right, start: at, end: at + 1 });
    }
    const edge = this.edge(node.parentElement);
    this.pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const metrics = this.pen.measureText("Ag");
    const [above, below] = [metrics.fontBoundingBoxAscent, metrics.fontBoundingBoxDescent];
    for (const line of lines) {
      let text = node.data.slice(line.start, line.end).replace(/\s+/g, " ");
      let width = line.right - line.left;
      if (line.left >= edge) continue;
      if (line.right > edge + 1) {
        const kept = Math.max(1, Math.floor((text.length * (edge - line.left)) / width) - 1);
        [text, width] = [`${text.slice(0, kept)}…`, 0];
      }
      const baseline = line.top + (line.height * above) / (above + below);
      this.line(text, line.left - this.left, baseline - this.top, width, style);
    }
  }

  /** The right edge of the nearest ancestor that cuts its content off. */
  edge(element) {
    for (let at = element; at && at !== this.root; at = at.parentElement) {
      if (getComputedStyle(at).overflowX === "hidden" && at.scrollWidth > at.clientWidth) return at.getBoundingClientRect().right;
    }
    return Infinity;
  }

  line(text, x, y, width, style) {
    const fit = width > 0 ? ` textLength="${round(width)}" lengthAdjust="spacingAndGlyphs"` : "";
    const lines = /line-through|underline/.exec(style.textDecorationLine);
    const decoration = lines ? ` text-decoration="${lines[0]}"` : "";
    this.out.push(
      `<text x="${round(x)}" y="${round(y)}" font-family="${escape(style.fontFamily)}" font-size="${style.fontSize}" font-weight="${style.fontWeight}" fill="${style.color}"${decoration}${fit} xml:space="preserve">${escape(text)}</text>`,
    );
  }

  /** A drawing in the page: copied, with the style of each of its parts. */
  svg(svg, style) {
    const { x, y, w, h } = this.place(svg.getBoundingClientRect());
    if (w <= 0 || h <= 0) return;
    const copy = svg.cloneNode(true);
    const [from, to] = [[svg, ...svg.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
    to.forEach((part, at) => this.paint(part, getComputedStyle(from[at])));
    for (const [name, value] of Object.entries({ x, y, width: w, height: h, overflow: "visible", color: style.color })) copy.setAttribute(name, value);
    this.out.push(new XMLSerializer().serializeToString(copy));
  }

  paint(part, style) {
    for (const name of PAINT) {
      let value = style.getPropertyValue(name);
      if (/url\(.*stripes/.test(value)) value = this.hatch(style.stroke);
      if (value) part.setAttribute(name, value);
    }
    part.removeAttribute("class");
  }
}

const dashes = ({ line, width }) => (line === "dashed" ? ` stroke-dasharray="${width * 3} ${width * 2}"` : line === "dotted" ? ` stroke-dasharray="0.1 ${width * 2.2}" stroke-linecap="round"` : "");

/** What `selector` shows, as the text of an SVG on a light ground. Empty when there is no such part. */
export function draw(selector, title) {
  const root = document.querySelector(selector);
  if (!root) return "";
  const html = document.documentElement;
  const theme = html.dataset.theme;
  // Measured and painted in the light theme; the browser draws nothing in between.
  html.dataset.theme = "light";
  try {
    const drawing = new Drawing(root);
    for (const child of root.childNodes) drawing.node(child, getComputedStyle(root));
    const [width, height] = [Math.ceil(root.scrollWidth), Math.ceil(root.scrollHeight)].map((size) => Math.min(size, WIDEST_PX));
    const defs = drawing.defs.size ? `<defs>${[...drawing.defs.values()].join("")}</defs>` : "";
    return `<svg xmlns="${NS}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img"><title>${escape(title)}</title>${defs}<rect width="100%" height="100%" fill="#ffffff"/>${drawing.out.join("")}</svg>\n`;
  } finally {
    html.dataset.theme = theme;
  }
}

const save = (name, blob) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
};

/** Saves a text as a file. */
export function saveText(name, type, text) {
  save(name, new Blob([text], { type }));
}

/** Saves an SVG as a PNG of twice its size, or as large as the browser can. False when it cannot. */
export async function savePng(name, svg) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  try {
    await image.decode();
  } catch {
    return false;
  }
  const scale = Math.min(2, WIDEST_PX / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth * scale, image.naturalHeight * scale];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (blob) save(name, blob);
  return Boolean(blob);
}
