// Links: a session's text, compressed, in letters that an address may hold. The page and the embed script share this file.
//
// The form is "v1." and base64url of the zlib stream (RFC 1950) of the UTF-8 text. Its checksum tells a damaged link.

const FORM = /^#?v(\d+)\.([A-Za-z0-9_-]*)/;

/** The link's fragment, without "#". */
export async function pack(text) {
  const bytes = await through(new CompressionStream("deflate"), new TextEncoder().encode(text), Infinity);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `v1.${btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")}`;
}

/** The text of a fragment of at most `limit` bytes. Throws one of the words "later", "damaged", "large", "unsupported". */
export async function unpack(fragment, limit) {
  const [, version, letters] = FORM.exec(fragment) ?? [];
  if (version === undefined) throw "damaged";
  if (version !== "1") throw "later";
  if (typeof DecompressionStream === "undefined") throw "unsupported";
  try {
    const binary = atob(letters.replace(/-/g, "+").replace(/_/g, "/"));
    const bytes = await through(new DecompressionStream("deflate"), Uint8Array.from(binary, (letter) => letter.charCodeAt(0)), limit);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw error === "large" ? error : "damaged";
  }
}

async function through(stream, bytes, limit) {
  const writer = stream.writable.getWriter();
  // A stream that breaks says so to its reader.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  const parts = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > limit) {
      reader.cancel().catch(() => {});
      throw "large";
    }
    parts.push(part.value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
