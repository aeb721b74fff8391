// What the JavaScript clients share: arguments, one JSON line for each happening, and the end.
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

export const load = createRequire(new URL("../.cache/node/package.json", import.meta.url));

export function say(kind, details = {}) {
  process.stdout.write(JSON.stringify({ kind, ...details }) + "\n");
}

export function readOptions(own) {
  const text = (value) => ({ type: "string", default: value });
  const { values } = parseArgs({
    options: {
      topics: text(""),
      seconds: text("10"),
      events: text("0"),
      ...Object.fromEntries(Object.entries(own).map(([name, value]) => [name, text(value)])),
    },
  });
  return {
    ...values,
    topics: values.topics.split(",").filter(Boolean),
    seconds: Number(values.seconds),
    events: Number(values.events),
  };
}

// Ends well once the events asked for have come, or, where none were asked for, if every topic is
// subscribed when the time is over.
export class Progress {
  constructor(options, close) {
    this.wanted = options.events;
    this.missing = new Set(options.topics);
    this.seen = 0;
    this.close = close;
    this.timer = setTimeout(() => this.end(), options.seconds * 1000);
  }

  subscribed(topic) {
    this.missing.delete(topic);
    say("subscribed", { topic });
  }

  event(topic, event, data) {
    this.seen += 1;
    say("event", { topic, event, data });
    if (this.wanted > 0 && this.seen >= this.wanted) this.end();
  }

  end() {
    clearTimeout(this.timer);
    const good = this.wanted > 0 ? this.seen >= this.wanted : this.missing.size === 0;
    say("end", { good, events: this.seen });
    process.exitCode = good ? 0 : 1;
    this.close();
    // A client that keeps timers after its close must not keep the process.
    setTimeout(() => process.exit(), 500).unref();
  }
}
