// Reads what the browser noted down: tasks of the page's main thread, frames, and how long a person waited.

/** Microseconds, as traces have them, in ms. */
const ms = (micros) => (micros ?? 0) / 1000;

export class Trace {
  constructor({ traceEvents }) {
    this.events = traceEvents;
    this.found = new Map();
    const mains = traceEvents.filter((event) => event.name === "thread_name" && event.args.name === "CrRendererMain");
    const work = ({ pid, tid }) => {
      const own = traceEvents.filter((event) => event.pid === pid && event.tid === tid && event.name.endsWith("RunTask"));
      return own.reduce((sum, event) => sum + (event.dur ?? 0), 0);
    };
    // The page's is the one that works most.
    this.main = mains.map((main) => ({ ...main, work: work(main) })).toSorted((a, b) => b.work - a.work)[0];
  }

  /** All of one name on the page's main thread, in order. */
  onMain(name) {
    const { pid, tid } = this.main;
    const own = (event) => event.pid === pid && event.tid === tid && event.ph === "X" && event.name === name;
    if (!this.found.has(name)) this.found.set(name, this.events.filter(own).toSorted((a, b) => a.ts - b.ts));
    return this.found.get(name);
  }

  /** Each task: its time on the wall, and the time in which it had a processor. */
  tasks() {
    const named = this.onMain("RunTask");
    const all = named.length > 0 ? named : this.onMain("ThreadControllerImpl::RunTask");
    return all.map((event) => ({ wall: ms(event.dur), cpu: ms(event.tdur ?? event.dur) }));
  }

  /** How many frames the compositor drew and dropped, and the time from one to the next. */
  frames() {
    const { pid } = this.main;
    const of = (name) => this.events.filter((event) => event.pid === pid && event.name === name);
    const drawn = of("DrawFrame").map((event) => event.ts).toSorted((a, b) => a - b);
    const gaps = drawn.slice(1).map((at, index) => ms(at - drawn[index]));
    return { drawn: drawn.length, dropped: of("DroppedFrame").length, gaps };
  }

  /**
   * What a person did, each with the time to the next frame, and what of it the main thread worked. An event below the
   * browser's threshold of 16 ms may be left out by it; such a one has the time of its own task alone.
   */
  interactions(...types) {
    const kinds = types.length > 0 ? types : ["pointerup", "click", "keydown"];
    const timings = this.events.filter((event) => event.name === "EventTiming" && event.ph === "b" && event.pid === this.main.pid);
    const tasks = this.onMain("RunTask");
    const found = this.onMain("EventDispatch").filter((event) => kinds.includes(event.args.data?.type));
    return found.map((event) => {
      const { type } = event.args.data;
      const task = tasks.find((one) => one.ts <= event.ts && event.ts < one.ts + one.dur);
      // Layout and paint follow in the task that makes the frame.
      const frame = tasks.find((one) => task && one.ts > task.ts && this.draws(one));
      const timing = timings.find((one) => one.args.data?.type === type && Math.abs(ms(one.ts - event.ts)) < 50);
      const cpu = ms(task?.tdur) + (frame && frame.ts - event.ts < 100_000 ? ms(frame.tdur) : 0);
      const until = frame ? ms(frame.ts + frame.dur - event.ts) : ms(event.dur);
      return { type, wall: timing?.args.data?.duration ?? until, cpu, at: event.ts };
    });
  }

  /** Whether a task of the main thread makes a frame. */
  draws(task) {
    return this.onMain("Commit").some((commit) => task.ts <= commit.ts && commit.ts < task.ts + task.dur);
  }
}
