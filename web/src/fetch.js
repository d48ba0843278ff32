// Fetches a text from another host. Throws one of the words "address", "unreachable", "large", or "status" with the number.

/** The text at `address`, of at most `limit` bytes. A page of a file on GitHub stands for the file. */
export async function fetch_text(address, limit) {
  let url;
  try {
    url = new URL(address);
  } catch {
    throw "address";
  }
  if (!/^https?:$/.test(url.protocol)) throw "address";
  const file = url.hostname === "github.com" && /^\/([^/]+\/[^/]+)\/(?:blob|raw)\/(.+)$/.exec(url.pathname);
  if (file) url = new URL(`https://raw.githubusercontent.com/${file[1]}/${file[2]}`);
  try {
    const answer = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw `status ${answer.status}`;
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    let length = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > limit) {
        reader.cancel().catch(() => {});
        throw "large";
      }
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw typeof error === "string" ? error : "unreachable";
  }
}
