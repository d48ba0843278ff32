// The last step of a build: node finish.mjs FOLDER VERSION [offline]. Makes what Trunk does not: icons, the manifest of an installable
// page, the package's description, a page without inline scripts, and with `offline` smaller styles and scripts and the service worker that keeps all of it.
// Run again on its own result, it finds a new version only if something has changed.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";

const [folder, version, offline] = process.argv.slice(2);
const own = (name) => fileURLToPath(new URL(name, import.meta.url));
const write = (name, content) => writeFileSync(join(folder, name), content);
const sha256 = (content) => createHash("sha256").update(content).digest("hex");

// The mark: two pods in their places, one place kept, and a claim below each. In units of a 28 by 20 field, as in the top bar.
const INK = [0x35, 0x38, 0xcd];
const PAPER = [0xff, 0xff, 0xff];
const parts = [
  { x: 1, y: 1, w: 7, h: 7, r: 2, strength: 1 },
  { x: 10.5, y: 1, w: 7, h: 7, r: 2, strength: 1 },
  { x: 20, y: 1, w: 7, h: 7, r: 2, strength: 1, hollow: 1.3 },
  ...[1, 10.5, 20].map((x) => ({ x, y: 14, w: 7, h: 5, r: 1.2, strength: 0.45 })),
  ...[4, 13.5, 23].map((x) => ({ x, y: 9.6, w: 1, h: 2.8, r: 0.5, strength: 1 })),
];

const inside = ({ x, y, w, h, r }, px, py) => {
  const dx = Math.max(x + r - px, px - (x + w - r), 0);
  const dy = Math.max(y + r - py, py - (y + h - r), 0);
  return Math.hypot(dx, dy) <= r;
};
const shrunk = ({ x, y, w, h, r }, by) => ({ x: x + by, y: y + by, w: w - 2 * by, h: h - 2 * by, r: Math.max(r - by, 0) });

/** How strongly the mark covers a point, from 0 to 1. */
function strengthAt(px, py) {
  for (const part of parts) {
    if (inside(part, px, py) && !(part.hollow && inside(shrunk(part, part.hollow), px, py))) return part.strength;
  }
  return 0;
}

/** The checksum of PNG's chunks; Node's own is not in every Node 20. */
function crc32(bytes) {
  let rest = ~0;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest >>> 0;
}

/** A square picture of the mark, `size` pixels wide, the mark as wide as `share` of it. */
function png(size, share) {
  const scale = (size * share) / 28;
  const left = (size - 28 * scale) / 2;
  const top = (size - 20 * scale) / 2;
  const rows = Buffer.alloc(size * (1 + size * 3));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (const [sx, sy] of [[0.125, 0.375], [0.375, 0.875], [0.625, 0.125], [0.875, 0.625]]) {
        sum += strengthAt((x + sx - left) / scale, (y + sy - top) / scale);
      }
      for (let channel = 0; channel < 3; channel++) {
        rows[y * (1 + size * 3) + 1 + x * 3 + channel] = Math.round(PAPER[channel] + ((INK[channel] - PAPER[channel]) * sum) / 4);
      }
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function svg() {
  const colour = `#${INK.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  const shapes = parts.map(({ x, y, w, h, r, strength, hollow }) =>
    hollow
      ? `<rect x="${x + hollow / 2}" y="${y + hollow / 2}" width="${w - hollow}" height="${h - hollow}" rx="${r - hollow / 2}" fill="none" stroke="${colour}" stroke-width="${hollow}"/>`
      : `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="${colour}" fill-opacity="${strength}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -5 30 30">${shapes.join("")}</svg>\n`;
}

function manifest() {
  const icon = (src, sizes, purpose) => ({ src: `./${src}`, sizes, type: src.endsWith("svg") ? "image/svg+xml" : "image/png", purpose });
  return {
    name: "petset",
    short_name: "petset",
    description: "Learn StatefulSets in a Kubernetes that fits in a browser tab.",
    start_url: "./",
    scope: "./",
    display: "standalone",
    background_color: "#ffffff",
    theme_color: "#3538cd",
    icons: [
      icon("icon.svg", "any", "any"),
      icon("icon-192.png", "192x192", "any"),
      icon("icon-512.png", "512x512", "any"),
      icon("icon-maskable.png", "512x512", "maskable"),
    ],
  };
}

function description() {
  return {
    name: "petset",
    version,
    description: "A Kubernetes that fits in a browser tab: the playground, and a script that makes a page's code blocks run.",
    license: "Apache-2.0 OR MIT",
    type: "module",
    main: "./embed.js",
    exports: { ".": "./embed.js", "./*": "./*" },
    sideEffects: true,
  };
}

/** One style sheet in place of many, and scripts without blanks. Those of a page that has one sheet are so already. */
function smaller(page) {
  const sheets = [...page.matchAll(/\s*<link rel="stylesheet" href="\.\/([^"]+)"[^>]*>/g)];
  if (sheets.length < 2) return page;
  const { transformSync } = createRequire(own("../editor/package.json"))("esbuild");
  const integrity = (content) => `sha384-${createHash("sha384").update(content).digest("base64")}`;
  const text = sheets.map(([, name]) => readFileSync(join(folder, name), "utf8")).join("\n");
  const style = transformSync(text, { loader: "css", minify: true }).code;
  for (const [, name] of sheets) rmSync(join(folder, name));
  const sheet = `style-${sha256(style).slice(0, 16)}.css`;
  write(sheet, style);
  const link = `\n    <link rel="stylesheet" href="./${sheet}" integrity="${integrity(style)}" />`;
  page = sheets.reduce((page, [whole], index) => page.replace(whole, index === 0 ? link : ""), page);
  return page.replace(/<link rel="modulepreload" href="\.\/([^"]+)"[^>]*>/g, (link, name) => {
    const code = transformSync(readFileSync(join(folder, name), "utf8"), { loader: "js", format: "esm", minify: true }).code;
    write(name, code);
    return link.replace(/integrity="[^"]*"/, `integrity="${integrity(code)}"`);
  });
}

/** Puts the script that starts the page into a file of its own: strict policies allow no inline scripts. */
function withoutInline(page) {
  return page.replace(/<script type="module">([^<]*TrunkApplicationStarted[^<]*)<\/script>/, (_, code) => {
    const name = `start-${sha256(code).slice(0, 16)}.js`;
    write(name, code.trimStart());
    return `<script type="module" src="./${name}"></script>`;
  });
}

/** The files that are kept, with their digests, in order. What only hosts and packages need is not kept. */
function digests() {
  const left = new Set(["index.html", "sw.js", "package.json"]);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
    .filter((name) => !left.has(name))
    .sort();
  return files.map((name) => [name, sha256(readFileSync(join(folder, name)))]);
}

write("icon.svg", svg());
write("icon-192.png", png(192, 0.86));
write("icon-512.png", png(512, 0.86));
// A mask may cut everything outside of the middle four fifths.
write("icon-maskable.png", png(512, 0.62));
write("manifest.webmanifest", `${JSON.stringify(manifest(), null, 1)}\n`);
write("package.json", `${JSON.stringify(description(), null, 2)}\n`);

const MARK = /\s*<meta name="petset-build" content="[^"]*" \/>/;
let page = withoutInline(readFileSync(join(folder, "index.html"), "utf8")).replace(MARK, "");
rmSync(join(folder, "sw.js"), { force: true });
if (offline === "offline") {
  page = smaller(page);
  const files = digests();
  const build = sha256(page + JSON.stringify(files)).slice(0, 20);
  page = page.replace("</title>", `</title>\n    <meta name="petset-build" content="${build}" />`);
  const worker = readFileSync(own("sw.js"), "utf8")
    .replace('const VERSION = "";', `const VERSION = ${JSON.stringify(build)};`)
    .replace("const FILES = {};", `const FILES = ${JSON.stringify({ "./": "", ...Object.fromEntries(files) })};`);
  write("sw.js", worker);
} else {
  write("sw.js", readFileSync(own("no-sw.js")));
}
write("index.html", page);
