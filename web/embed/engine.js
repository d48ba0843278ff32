// The cluster behind a page's cells: petset's own page in a hidden frame, and the messages to and from it.

/** After this long without a sign of life, cells say that nothing came. It may still come. */
const PATIENCE_MS = 60_000;

export class Engine {
  #settings;
  #frame = null;
  #ready = null;
  #jobs = new Map();
  #answers = new Map();
  #last = 0;
  /** Called with the sets whenever they change, while there is anybody to look at them. */
  pictures = new Set();
  /** What is known of the files, so that only what changed is sent. */
  #sent = new Map();

  constructor(settings) {
    this.#settings = settings;
  }

  /** Loads petset's page. Whoever waits for it waits for the same one. */
  load() {
    return (this.#ready ??= new Promise((resolve, reject) => {
      const frame = document.createElement("iframe");
      frame.src = new URL("index.html?engine", this.#settings.base).href;
      frame.title = "petset";
      frame.tabIndex = -1;
      frame.setAttribute("aria-hidden", "true");
      // Not `display: none`: a frame without a box is not always run.
      Object.assign(frame.style, { position: "absolute", width: "0", height: "0", border: "0", visibility: "hidden" });
      const timer = setTimeout(() => reject(new Error("late")), PATIENCE_MS);
      addEventListener("message", ({ source, data }) => {
        if (source !== frame.contentWindow || data?.petset !== 1) return;
        if (data.type === "ready") {
          clearTimeout(timer);
          if (this.#settings.speed !== 1) this.#tell({ type: "speed", speed: this.#settings.speed });
          resolve();
        } else this.#hear(data);
      });
      this.#frame = frame;
      document.body.append(frame);
    }));
  }

  get loaded() {
    return this.#ready !== null;
  }

  #tell(message) {
    this.#frame.contentWindow.postMessage({ petset: 1, ...message }, new URL(this.#settings.base).origin);
  }

  #hear(data) {
    if (data.type === "picture") for (const look of this.pictures) look(data.sets);
    else if (data.type === "session") this.#answers.get(data.id)?.(data.session);
    else this.#jobs.get(data.id)?.(data);
  }

  /** Runs lines after the page's files have been put where commands find them. `hear` is told of output and of the end. */
  async run(lines, files, hear) {
    await this.load();
    for (const { name, text } of files) {
      if (this.#sent.get(name) === text) continue;
      this.#sent.set(name, text);
      this.#tell({ type: "file", name, text });
    }
    const id = ++this.#last;
    this.#jobs.set(id, (data) => {
      if (data.type === "done") this.#jobs.delete(id);
      hear(data);
    });
    this.#tell({ type: "run", id, lines: lines.map((line) => named(line, files)) });
    return () => this.#tell({ type: "stop", id });
  }

  /** Calls `look` with the sets from now on; returns what stops that. */
  async picture(look) {
    await this.load();
    this.pictures.add(look);
    this.#tell({ type: "picture", on: true });
    return () => {
      this.pictures.delete(look);
      if (this.pictures.size === 0) this.#tell({ type: "picture", on: false });
    };
  }

  /** The session as links hold it. */
  async share() {
    await this.load();
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#tell({ type: "share", id });
    });
  }
}

/** A command that names a file of the page by a path or an address finds it under its own name. */
function named(line, files) {
  for (const { name } of files) {
    const plain = name.replace(/[.]/g, "\\.");
    line = line.replace(new RegExp(`(-f[ =]?|--filename[ =])(?:https?://)?[\\w./~:-]*/${plain}(?=\\s|$)`, "g"), `$1${name}`);
  }
  return line;
}
