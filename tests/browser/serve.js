// Serves dist/ to the browser tests, at / and below /some/path/, and the pages of pages.js. Usage: node serve.js [PORT].
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { page } from "./pages.js";

const top = fileURLToPath(new URL("../../dist/", import.meta.url));
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** The file that an address stands for, or null. Addresses cannot leave the folder. */
function fileOf(address) {
  let path;
  try {
    path = decodeURIComponent(new URL(address, "http://localhost").pathname).replace(/^\/some\/path\//, "/");
  } catch {
    return null;
  }
  const file = join(top, normalize(path.endsWith("/") ? `${path}index.html` : path));
  const isThere = file.startsWith(top) && statSync(file, { throwIfNoEntry: false })?.isFile();
  return isThere ? file : null;
}

const port = Number(process.argv[2] ?? 4173);
createServer((request, response) => {
  if (request.url === "/favicon.ico") {
    response.writeHead(204).end();
    return;
  }
  if (request.url?.startsWith("/pages/")) {
    const found = page(new URL(request.url, `http://127.0.0.1:${port}`));
    const policy = found?.policy ? { "content-security-policy": found.policy } : {};
    response.writeHead(found ? 200 : 404, { "content-type": types[".html"], "cache-control": "no-store", ...policy });
    response.end(found?.text);
    return;
  }
  const file = fileOf(request.url ?? "/");
  if (file === null) {
    response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    return;
  }
  response.writeHead(200, {
    "content-type": types[extname(file)] ?? "application/octet-stream",
    "cache-control": "no-store",
  });
  createReadStream(file).pipe(response);
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
