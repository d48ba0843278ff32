// The same tutorial in the markup that documentation tools write: for each block what Docusaurus 3, MkDocs Material 9, Hugo, Jekyll and
// VitePress make of it, with their classes, line ends, line numbers and titles. Served as /pages/NAME.html.

const service = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None
  selector:
    app: web
  ports:
    - port: 80
`;
const set = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: web
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: nginx
          image: nginx:1.21
`;

/** Language, text, and the title where the tool has titles. */
const blocks = [
  { lang: "yaml", text: service, title: "web-service.yaml" },
  { lang: "yaml", text: set, title: "web.yaml" },
  { lang: "bash", text: "kubectl apply -f web-service.yaml -f ./manifests/web.yaml\n" },
  { lang: "bash", text: "$ kubectl get service web\nNAME   TYPE\nweb    ClusterIP\n$ kubectl get \\\n    statefulset web\nNAME   READY\n" },
  // No cells: neither is about a cluster.
  { lang: "bash", text: "npm install\n" },
  { lang: "yaml", text: "site_name: kubectl and kind\n" },
];

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** Splits a line as highlighters do: keys, marks, the rest. */
const tokens = (line, key, mark, rest) => {
  const found = /^(\s*(?:- )?)([\w.]+)(:)(.*)$/.exec(line);
  if (!found) return rest(escape(line));
  return `${found[1]}${key(found[2])}${mark(found[3])}${rest(escape(found[4]))}`;
};
const lines = (text) => text.trimEnd().split("\n");
const span = (className) => (text) => (text === "" ? "" : `<span class="${className}">${text}</span>`);

const tools = {
  docusaurus: ({ lang, text, title }) => {
    const line = (text) => {
      const body = text === "" ? '<span class="token plain" style="display:inline-block"></span>' : tokens(text, span("token key atrule"), span("token punctuation"), span("token plain"));
      return `<span class="token-line" style="color:#393A34">${body}<br></span>`;
    };
    return `<div class="language-${lang} codeBlockContainer_Ckt0 theme-code-block" style="--prism-color:#393A34;--prism-background-color:#f6f8fa">${title ? `<div class="codeBlockTitle_Ktv7">${title}</div>` : ""}<div class="codeBlockContent_biex"><pre tabindex="0" class="prism-code language-${lang} codeBlock_bY9V thin-scrollbar" style="color:#393A34;background-color:#f6f8fa"><code class="codeBlockLines_e6Vv">${lines(text).map(line).join("")}</code></pre><div class="buttonGroup__atx"><button type="button" aria-label="Copy code to clipboard" title="Copy" class="clean-btn"><span class="copyButtonIcons_eSgA" aria-hidden="true">Copy</span></button></div></div></div>`;
  },
  mkdocs: ({ lang, text, title }, index) => {
    const line = (text, number) => `<span id="__span-${index}-${number + 1}"><a id="__codelineno-${index}-${number + 1}" name="__codelineno-${index}-${number + 1}" href="#__codelineno-${index}-${number + 1}"></a>${tokens(text, span("nt"), span("p"), span("w"))}\n</span>`;
    const code = `<pre><span></span><code>${lines(text).map(line).join("")}</code></pre>`;
    const name = title ? `<span class="filename">${title}</span>` : "";
    // With \`linenums\`, a table holds numbers and code.
    if (index !== 1) return `<div class="language-${lang} highlight">${name}${code}</div>`;
    const numbers = lines(text).map((_, number) => `<span class="normal">${String(number + 1).padStart(2)}</span>`).join("\n");
    return `<div class="language-${lang} highlight"><table class="highlighttable"><tr><th class="filename" colspan="2">${name}</th></tr><tr><td class="linenos"><div class="linenodiv"><pre><span></span>${numbers}</pre></div></td><td class="code"><div>${code}</div></td></tr></table></div>`;
  },
  hugo: ({ lang, text, title }, index) => {
    const line = (text) => `<span class="line"><span class="cl">${tokens(text, span("nt"), span("p"), span("l"))}\n</span></span>`;
    const code = `<pre tabindex="0" class="chroma"><code class="language-${lang}" data-lang="${lang}">${lines(text).map(line).join("")}</code></pre>`;
    const before = title ? `<p>Save this as <code>manifests/${title}</code>:</p>` : "";
    if (index !== 0) return `${before}<div class="highlight">${code}</div>`;
    const numbers = lines(text).map((_, number) => `<span class="lnt">${number + 1}\n</span>`).join("");
    return `${before}<div class="highlight"><div class="chroma"><table class="lntable"><tr><td class="lntd"><pre tabindex="0" class="chroma"><code>${numbers}</code></pre></td><td class="lntd">${code}</td></tr></table></div></div>`;
  },
  jekyll: ({ lang, text, title }, index) => {
    const body = text.split("\n").map((line) => (line.startsWith("$ ") ? `<span class="nv">$ </span>${escape(line.slice(2))}` : tokens(line, span("na"), span("pi"), span("s")))).join("\n");
    const code = title ? `<span class="c1"># ${title}</span>\n${body}` : body;
    if (index !== 3) return `<div class="language-${lang} highlighter-rouge"><div class="highlight"><pre class="highlight"><code>${code}</code></pre></div></div>`;
    return `<div class="language-${lang} highlighter-rouge"><div class="highlight"><code><table class="rouge-table"><tbody><tr><td class="rouge-gutter gl"><pre class="lineno">1\n2\n</pre></td><td class="rouge-code"><pre>${code}</pre></td></tr></tbody></table></code></div></div>`;
  },
  vitepress: ({ lang, text, title }) => {
    const colour = (light, dark) => (text) => (text === "" ? "" : `<span style="--shiki-light:${light};--shiki-dark:${dark};">${text}</span>`);
    const line = (text) => `<span class="line">${tokens(text, colour("#22863A", "#85E89D"), colour("#24292E", "#E1E4E8"), colour("#032F62", "#9ECBFF"))}</span>`;
    const code = `<div class="language-${lang} vp-adaptive-theme active"><button title="Copy Code" class="copy"></button><span class="lang">${lang}</span><pre class="shiki shiki-themes github-light github-dark vp-code" tabindex="0" v-pre=""><code>${lines(text).map(line).join("\n")}</code></pre></div>`;
    if (!title) return code;
    return `<div class="vp-code-group vp-adaptive-theme"><div class="tabs"><input type="radio" name="group-${title}" id="tab-${title}" checked><label data-title="${title}" for="tab-${title}">${title}</label></div><div class="blocks">${code}</div></div>`;
  },
  plain: ({ lang, text, title }) => `<pre${title ? ` data-file="${title}"` : ""}><code class="language-${lang}">${escape(text)}</code></pre>`,
};

const frame = (name, body, head = "") => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${name}</title><meta name="viewport" content="width=device-width">${head}</head>
<body><main><h1>A tutorial, by ${name}</h1>
${body}
</main></body></html>
`;

const tutorial = (name) => blocks.map((block, index) => tools[name](block, index)).join("\n<p>Then:</p>\n");
const tag = (more = "", origin = "") => `<script async src="${origin}/some/path/embed.js"${more}></script>`;
const far = '<p style="height: 4000px">Far above.</p>';
const element = (attributes) => `<script type="application/json" id="files">${JSON.stringify({ "web-service.yaml": service, "web.yaml": set })}</script>
<petset-playground ${attributes}></petset-playground>`;

/** What stands at an address below /pages/: the text, and the policy it is served with. */
export function page(address) {
  const name = address.pathname.replace(/^.*\//, "").replace(/\.html$/, "");
  const other = `http://localhost:${address.port}`;
  if (name in tools) return { text: frame(name, tutorial(name), tag()) };
  const strict = (origin) => `default-src 'none'; script-src ${origin}; frame-src ${origin}`;
  const plain = tutorial("plain");
  const pages = {
    far: { text: frame(name, far + plain, tag()) },
    twice: { text: frame(name, plain, tag(' data-load="near"') + tag(' data-load="near"')) },
    korean: { text: frame(name, plain, tag(' data-lang="ko" data-theme="dark"')) },
    fast: { text: frame(name, plain, tag(' data-speed="20"')) },
    strict: { text: frame(name, plain, tag()), policy: strict("'self'") },
    "strict-other": { text: frame(name, plain, tag("", other)), policy: strict(other) },
    element: { text: frame(name, element('files="files" view="set" commands="kubectl apply -f web-service.yaml&#10;kubectl get pods -A"'), tag()) },
    elements: { text: frame(name, element('files="files" height="400" language="ko" theme="dark" read-only commands="kubectl get nodes"') + '<petset-playground height="300"></petset-playground>', tag()) },
    frame: { text: frame(name, '<iframe id="direct" title="petset" style="width:100%;height:400px" src="/some/path/index.html?embed&lang=en&view=terminal"></iframe>') },
  };
  return pages[name] ?? null;
}
